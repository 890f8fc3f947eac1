"""Sentences for measuring alignment: what is written, and what the voice says for it.

`{$5|five dollars}` is one written word, before the bar, with its spoken words after the bar; all
other words are written as they are spoken. `TUNING` may be looked at while the aligner is being
changed, `HELD_OUT` only to report how good it is. One sentence a line.
"""

# ruff: noqa: E501

TUNING = """
The quick brown fox jumps over the lazy dog while seven old sailors sing about the winter sea.
Every morning the baker opens his small shop and sells warm bread to the people of the town.
Please remember, before you close the window, that nobody has watered the garden since Tuesday.
Our team built a faster system last year, and customers noticed the change within a few days.
Click the blue button in the upper right corner to open the settings page.
The meeting starts at {3:30|three thirty} {pm|PM} and ends an hour later.
She paid {$45|forty five dollars} for the tickets and {$12.50|twelve dollars and fifty cents} for lunch.
On March {3,|third,} {2024,|twenty twenty four,} the company moved to Boston.
About {25%|twenty five percent} of users never change the default password.
{Dr.|Doctor} Nguyen met {Mr.|Mister} Kowalski in the lobby of the old hotel.
You can deploy the service to Kubernetes with a single command.
The new GPU renders each frame in under {16|sixteen} milliseconds.
In {1998|nineteen ninety eight} the river flooded three villages in one night.
They ordered {1,200|one thousand two hundred} chairs, {300|three hundred} tables, and one very long bench.
First, select a template; then, add your own logo and colors.
The {21st|twenty first} century began with great hopes and a few doubts.
Read chapters {4-6|four to six} before the next lecture.
The museum, which opened in {1905,|nineteen oh five,} still owns the original paintings.
Our revenue grew to {$3.5|three point five} {million|million dollars} in the second quarter.
Anika Sharma wrote the report, but Tobias reviewed every page.
It was cold {&|and} dark, so we walked home quickly.
Open the terminal, type the password, and press enter twice.
A well-known author from Reykjavik signed copies of his latest novel.
We support Windows, Linux, and several older systems, {e.g.|for example} Solaris.
Turn left at the bridge, walk {2.5|two point five} miles, and look for a red door.
Why would anybody climb that mountain in the middle of January?
The train to Albuquerque leaves from platform {9|nine} at {10:05|ten oh five} tonight.
I think the children should sleep now, because tomorrow will be a long day.
Version {2.1|two point one} fixes {14|fourteen} bugs and makes the search much faster.
Thank you for watching, and see you in the next lesson!
"""

HELD_OUT = """
Welcome to this short tour of our product and the people who make it.
The old lighthouse keeper climbed the stairs slowly, carrying a lamp in one hand.
On the left side you will find a list of all projects that you own.
Nobody expected the storm to arrive before midnight, yet the harbor was already empty.
The invoice for April {17,|seventeenth,} {2023|twenty twenty three} was never paid.
Our flight leaves at {6:45|six forty five} {am|AM} from the second terminal.
The laptop costs {$1,299.50|one thousand two hundred ninety nine dollars and fifty cents} without the extra battery.
More than {60%|sixty percent} of the visitors came from other countries.
{Dr.|Doctor} Okonkwo asked {Mrs.|Missus} Petersen about the results of the test.
Please send the files to Yevgenia before the end of the week.
The company was founded in {1987|nineteen eighty seven} by two brothers from Denver.
We trained the model on {8|eight} GPUs for almost {40|forty} hours.
A good summary is short, clear, and honest about what is missing.
The price dropped from {$80|eighty dollars} to {$59.99|fifty nine dollars and ninety nine cents} during the sale.
He finished {3rd|third} in the race, behind a runner from Kenya.
Some birds fly thousands of miles every autumn without stopping to rest.
Press the green key, wait ten seconds, and then check the small display.
The population reached {12,500|twelve thousand five hundred} by the end of the decade.
Marta Wisniewski and Joao Pereira lead the design group in Lisbon.
The report covers pages {10-20|ten to twenty} and the whole appendix.
If the light turns red, stop the machine and call the technician at once.
Investors put {$5|five} {million|million dollars} into the startup last summer.
Grandmother kept her letters in a wooden box under the bed.
The museum is at {42|forty two} Baker Street, next to the public library.
When the music stopped, everyone in the hall stood up and clapped.
The package weighs {2.75|two point seven five} pounds and ships on Friday.
You should back up your database before you upgrade to version {4.2|four point two}.
Many kinds of fruit, {e.g.|for example} mangoes {&|and} papayas, grow near the coast.
It rained on July {4,|fourth,} {2019,|twenty nineteen,} but the parade went on.
Our office in Ljubljana opens at {9:00|nine} and closes at {5:30|five thirty} {pm.|PM.}
The actor's voice was soft, but every word could be heard in the last row.
Choose a name, set a budget, and invite up to {15|fifteen} teammates.
The {1990s|nineteen nineties} were a time of rapid change for telephone companies.
Can you explain why the second chart looks so different from the first?
The well-known surgeon from Tbilisi operated for {11|eleven} hours without a break.
Drag the slider to the right until the picture becomes sharp.
He borrowed {$250|two hundred fifty dollars} from his sister and paid it back in May.
Terraform creates the network, and Grafana shows how busy it is.
The soup was too salty, the bread was stale, and the waiter forgot our drinks.
Between {2010|twenty ten} and {2020|twenty twenty} the city planted {30,000|thirty thousand} trees.
Students learn to read maps, to measure distance, and to find north without a compass.
{Prof.|Professor} Lindqvist teaches the {8:15|eight fifteen} class on Mondays.
Only {0.5%|zero point five percent} of the samples failed the final inspection.
A narrow path leads through the forest to a lake that few tourists ever see.
That is all for today; next time we will talk about security and permissions.
Deepika thanked the volunteers, {i.e.|that is} the neighbors who had painted the fence.
"""


def sentences(corpus: str) -> list[list[tuple[str, str]]]:
    """Each sentence as pairs of a written word and its spoken words."""
    result = []
    for line in corpus.strip().splitlines():
        pairs: list[tuple[str, str]] = []
        rest = line.strip()
        while rest:
            if rest.startswith("{"):
                marked, _, rest = rest[1:].partition("}")
                written, _, spoken = marked.partition("|")
                trailing, _, rest = rest.partition(" ")
                pairs.append((written + trailing, spoken + trailing))
            else:
                word, _, rest = rest.partition(" ")
                pairs.append((word, word))
            rest = rest.strip()
        result.append(pairs)
    return result
