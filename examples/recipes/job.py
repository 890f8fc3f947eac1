import json
import time
from base64 import b64decode
from pathlib import Path
from urllib.parse import urljoin

import requests

server = "http://localhost:5000"
body = {"texts": ["One.", "Two.", "Three."], "format": "mp3"}
headers = {"Prefer": "respond-async"}
taken = requests.post(f"{server}/generate_batch", json=body, headers=headers, timeout=600)
taken.raise_for_status()
job = urljoin(taken.url, taken.headers["Location"])
BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)

ended, first, pause = False, 0, 0
while not ended:
    time.sleep(pause)
    pause = 2
    try:
        results = requests.get(f"{job}/results?from={first}", stream=True, timeout=600)
        if results.status_code == 429 or results.status_code >= 500:
            pause = int(results.headers.get("Retry-After", pause))
            continue
        results.raise_for_status()  # the key is wrong, or the job is gone: no use to ask again
        for line in filter(None, results.iter_lines()):  # an empty line is a sign of life
            item = json.loads(line)
            if "index" not in item:
                ended = bool(item.get("job", {}).get("ended_at"))  # else there is more: ask again
                break
            first = item["index"] + 1
            if "error" in item:
                print(item["index"], item["error"])
            else:
                Path(f"{item['index']}.mp3").write_bytes(b64decode(item["audio"]))
    except BROKEN:
        continue
print(first, "clips")
