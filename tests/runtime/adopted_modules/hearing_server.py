"""A transcription server as teams write them: slow, and sure of itself."""
# mypy: ignore-errors

import base64
import os
import time

from flask import Flask, jsonify, request
from flask_cors import CORS

app = Flask(__name__)
CORS(app)
app.config["PROPAGATE_EXCEPTIONS"] = True
pipeline = {}


def initialize_model(size="small"):
    pipeline["size"] = size


def hear(audio):
    time.sleep(float(os.environ.get("HEARING_SECONDS", "0")))
    return f"{len(audio)} bytes"


@app.route("/transcribe", methods=["POST"])
def transcribe():
    audio = base64.b64decode(request.json["audio"])
    if not audio:
        return {"error": "there is no audio"}, 422
    return {"text": hear(audio), "success": True}


@app.route("/words", methods=["POST"])
def words():
    return jsonify(hear(request.get_data()).split())


@app.route("/broken", methods=["POST"])
def broken():
    raise KeyError(request.json["secret"])
