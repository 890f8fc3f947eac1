taken=$(curl -sSf http://localhost:5000/generate_batch -H 'Content-Type: application/json' \
  -H 'Prefer: respond-async' -d '{"texts": ["One.", "Two.", "Three."], "format": "mp3"}' \
  -o job.json -D headers.txt -w '%{url_effective}')
origin=$(echo "$taken" | cut -d/ -f1-3)                 # Location begins at the root
job=$origin$(sed -n 's/^[Ll]ocation: *//p' headers.txt | tr -d '\r')
curl -sSf --retry 5 "$job"                              # how far it is
curl -sSfN --retry 5 "$job/results" |                   # a line for each clip, as it is made
  cut -c1-60
curl -sSf -X DELETE "$job"
