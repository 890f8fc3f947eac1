import json
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests


class Hears(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        print(job["id"], job["status"], f"{job['done']} of {job['count']}", flush=True)
        self.send_response(204)
        self.end_headers()


receiver = HTTPServer(("localhost", 9000), Hears)
body = {"texts": ["One.", "Two."], "callback": "http://localhost:9000/done"}
requests.post(
    "http://localhost:5000/generate_batch",
    json=body,
    headers={"Prefer": "respond-async"},
    timeout=600,
).raise_for_status()
receiver.handle_request()  # waits until the server has called
