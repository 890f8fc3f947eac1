from base64 import b64decode
from pathlib import Path

import requests

slides = ["Welcome to {#name}the demo{named#}.", "Now we {#ship}ship it, and {#rest}rest."]
body = {"texts": slides, "format": "mp3"}
told = requests.post("http://localhost:5000/narrate", json=body, timeout=3600).json()
if not told["success"]:
    raise SystemExit(told["error"])
for number, slide in enumerate(told["items"]):
    if "error" in slide:
        print(number, slide["error"])
        continue
    Path(f"slide-{number}.mp3").write_bytes(b64decode(slide["audio"]))
    Path(f"slide-{number}.vtt").write_text(slide["vtt"], encoding="utf-8")
    print(number, slide["text"], {each["id"]: each["time"] for each in slide["markers"]})
