"""Short forms that are spoken as other words, with every reading that is in use.

Keys are lower case; `WITH_DOT` holds only where a full stop follows ("no." is not "no"),
`UNITS` only right after a number, `SYMBOLS` for a single character wherever it stands.
"""

from __future__ import annotations

ALWAYS = {
    "dr": ("doctor", "drive"), "mr": ("mister",), "mrs": ("missus", "misses"),
    "ms": ("miz", "m. s."), "vs": ("versus", "v. s."), "etc": ("et cetera", "etcetera"),
    "aka": ("also known as", "a. k. a."), "prof": ("professor", "prof"),
    "st": ("saint", "street"), "jr": ("junior",), "sr": ("senior",),
    "approx": ("approximately", "approx"), "dept": ("department",), "govt": ("government",),
    "ltd": ("limited", "l. t. d."), "blvd": ("boulevard",),
    "tbd": ("to be determined", "t. b. d."), "jan": ("january", "jan"), "feb": ("february",),
    "apr": ("april",), "aug": ("august",), "sept": ("september",), "oct": ("october",),
    "nov": ("november",), "dec": ("december",), "mon": ("monday", "mon"), "tue": ("tuesday",),
    "tues": ("tuesday",), "wed": ("wednesday", "wed"), "thu": ("thursday",),
    "thurs": ("thursday",), "fri": ("friday",), "am": ("am", "a. m."), "pm": ("p. m.",),
}  # fmt: skip

WITH_DOT = {
    "no": ("number", "no"), "nos": ("numbers",), "fig": ("figure", "fig"), "vol": ("volume",),
    "ch": ("chapter",), "sec": ("section", "second"), "min": ("minute", "minimum", "minutes"),
    "max": ("maximum", "max"), "avg": ("average",), "inc": ("incorporated", "ink"),
    "corp": ("corporation", "corp"), "co": ("company", "co"), "ave": ("avenue",), "rd": ("road",),
    "mt": ("mount",), "ft": ("fort", "feet"), "gen": ("general",), "gov": ("governor",),
    "sen": ("senator",), "rep": ("representative",), "capt": ("captain",), "lt": ("lieutenant",),
    "col": ("colonel",), "sgt": ("sergeant",), "rev": ("reverend",), "est": ("established",),
    "mar": ("march",), "jun": ("june",), "jul": ("july",), "sep": ("september",),
    "sun": ("sunday", "sun"),
    "sat": ("saturday", "sat"), "apt": ("apartment",), "ext": ("extension",),
    "univ": ("university",),
    "pp": ("pages",), "p": ("page", "p."), "ed": ("edition", "ed"), "cf": ("compare", "c. f."),
    "assn": ("association",), "bros": ("brothers",), "hwy": ("highway",), "bldg": ("building",),
}  # fmt: skip

DOTTED = {
    "e.g": ("for example", "e. g."), "i.e": ("that is", "i. e."), "a.m": ("a. m.",),
    "p.m": ("p. m.",),
}  # fmt: skip

UNITS = {
    "km": ("kilometers", "kilometer"), "m": ("meters", "meter", "million"),
    "cm": ("centimeters",), "mm": ("millimeters", "millimeter"),
    "kg": ("kilograms", "kilogram", "kilos"), "g": ("grams", "g."),
    "mg": ("milligrams", "milligram"), "lb": ("pounds", "pound"), "lbs": ("pounds",),
    "oz": ("ounces",), "ft": ("feet", "foot"), "in": ("inches", "inch", "in"),
    "mi": ("miles", "mile"), "ml": ("milliliters",), "mph": ("miles per hour",),
    "kph": ("kilometers per hour",), "hz": ("hertz",), "khz": ("kilohertz",),
    "mhz": ("megahertz",), "ghz": ("gigahertz",), "kb": ("kilobytes", "kilobyte"),
    "mb": ("megabytes", "megabyte"), "gb": ("gigabytes", "gigabyte"),
    "tb": ("terabytes", "terabyte"), "mbps": ("megabits per second",),
    "gbps": ("gigabits per second",), "kwh": ("kilowatt hours",), "kw": ("kilowatts",),
    "mw": ("megawatts",), "hr": ("hours", "hour"), "hrs": ("hours",), "h": ("hours", "h."),
    "min": ("minutes", "minute"), "mins": ("minutes",), "s": ("seconds", "second"),
    "sec": ("seconds", "second"), "secs": ("seconds",), "ms": ("milliseconds", "millisecond"),
    "k": ("thousand", "k."), "b": ("billion", "b."), "bn": ("billion",), "x": ("times", "x."),
    "d": ("days", "d."), "fps": ("frames per second",), "c": ("celsius", "degrees celsius", "c."),
    "f": ("fahrenheit", "degrees fahrenheit", "f."), "am": ("a. m.",), "pm": ("p. m.",),
    "px": ("pixels",), "w": ("watts",), "v": ("volts",),
}  # fmt: skip

SYMBOLS = {
    "&": ("and",), "%": ("percent",), "+": ("plus", ""), "=": ("equals", ""), "@": ("at", ""),
    "#": ("number", "hashtag", "hash", "sharp", ""), "/": ("slash", ""),
    "°": ("degrees", "degree"), "*": ("asterisk", "star", "times", ""), "_": ("underscore", ""),
    "×": ("times", "x."), "÷": ("divided by",), "±": ("plus or minus",), "<": ("less than", ""),
    ">": ("greater than", ""), "~": ("about", "tilde", ""), "½": ("one half", "a half"),
    "¼": ("one quarter", "a quarter"), "¾": ("three quarters",), "²": ("squared",),
    "³": ("cubed",), "§": ("section",), "→": ("to", ""), "$": ("dollars", "dollar", ""),
    "€": ("euros", "euro", ""), "£": ("pounds", "pound", ""), "¥": ("yen", ""),
    "₹": ("rupees", ""), "©": ("copyright", ""), "^": ("caret", "to the", ""),
}  # fmt: skip

CURRENCIES = {
    "$": (("dollars", "dollar", ""), ("cents", "cent", "")),
    "€": (("euros", "euro", ""), ("cents", "cent", "")),
    "£": (("pounds", "pound", ""), ("pence", "p.", "")), "¥": (("yen", ""), ("", "")),
    "₹": (("rupees", "rupee", ""), ("paise", "")),
}  # fmt: skip
SCALES = {"hundred", "thousand", "million", "billion", "trillion", "k", "m", "b", "bn"}
