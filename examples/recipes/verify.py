import requests

told = requests.post(
    "http://localhost:5000/narrate",
    json={"texts": ["The meeting is at nine.", "Bring the blue folder."], "verify": 0.1},
    timeout=3600,
).json()
if not told["success"]:
    raise SystemExit(told["error"])
for number, item in enumerate(told["items"]):
    if "error" in item:
        print(number, item["error"])
        continue
    found = item["verification"]
    print("good" if found["passed"] else "bad", found["word_error_rate"], item["text"])
    print(" ".join(found["reasons"]), f"{found['attempts']} takes")
