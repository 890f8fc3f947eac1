"""A text-to-speech server as teams write them: a global model, Flask, one process, no locks."""
# mypy: ignore-errors
# ruff: noqa: I001, T201

import base64
import io
import os
import threading
import time
import wave

from flask import Flask, Response, abort, jsonify, request, url_for

import voices

app = Flask(__name__)
model = None

print("speech_server: importing")


class Model:
    """Falls over when two threads are in it, as the true ones do."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.inside = 0
        self.most_inside = 0
        self.threads = set()

    def speak(self, text):
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.threads.add(threading.get_ident())
        try:
            end = time.monotonic() + self.seconds * len(text)
            while time.monotonic() < end:
                time.sleep(0.002)
            if self.inside > 1:
                raise RuntimeError("two threads in the model: " + text)
            return voices.tone(len(text))
        finally:
            self.inside -= 1


def initialize_model():
    global model
    if model is None:
        print("loading the model ...")
        model = Model(float(os.environ.get("SPEECH_SECONDS", "0.001")))


def wav(frames):
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24000)
        file.writeframes(frames)
    return out.getvalue()


@app.route("/health", methods=["GET"])
def health():
    return jsonify(
        {
            "status": "healthy",
            "model_loaded": model is not None,
            "engine": "our-tts",
            "device": "cuda:0",
            "gpu_name": "Tesla T4",
            "speaker": "Ada",
            "language": "English",
            "free_gb": 3.5,
        }
    )


@app.route("/generate", methods=["POST"])
def generate():
    data = request.get_json()
    if not data or "text" not in data:
        return jsonify({"error": "text is missing"}), 400
    try:
        audio = wav(model.speak(data["text"]))
    except RuntimeError as e:
        return jsonify({"error": str(e)}), 500
    return jsonify(
        {"audio": base64.b64encode(audio).decode(), "sample_rate": 24000, "success": True}
    )


@app.route("/generate_batch", methods=["POST"])
def generate_batch():
    texts = request.get_json()["texts"]
    audios = [base64.b64encode(wav(model.speak(text))).decode() for text in texts]
    return jsonify({"audios": audios, "sample_rate": 24000, "count": len(audios), "success": True})


@app.route("/say.wav")
def say():
    answer = Response(wav(model.speak(request.args["text"])), mimetype="audio/wav")
    answer.headers["X-Voice"] = "Ada"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Connection"] = "close"
    return answer


@app.route("/stream")
def stream():
    def parts(count=int(request.args["parts"]), fail="fail" in request.args):
        for number in range(count):
            model.speak("part")
            yield f"{number}\n"
        if fail:
            raise OSError("out of breath")

    return Response(parts(), mimetype="text/plain")


@app.route("/upload", methods=["POST"])
def upload():
    return jsonify({"name": request.form["name"], "bytes": len(request.files["voice"].read())})


@app.route("/usage")
def usage():
    return jsonify({"most_inside": model.most_inside, "threads": len(model.threads)})


@app.route("/caller", methods=["GET", "PUT"])
def caller():
    return jsonify(
        {
            "method": request.method,
            "headers": sorted(name for name, _ in request.headers),
            "link": url_for("usage"),
            "query": request.args.to_dict(),
        }
    )


@app.route("/internal/mine")
def mine():
    return {"success": True}


@app.route("/hang", methods=["POST"])
def hang():
    time.sleep(request.json["seconds"])
    return {"success": True}


@app.route("/broken", methods=["GET", "POST"])
def broken():
    raise ValueError("the text was: " + request.args.get("text", ""))


@app.route("/teapot")
def teapot():
    abort(418)


@app.route("/elsewhere/")
def elsewhere():
    return app.redirect(url_for("usage"))


if __name__ == "__main__":
    raise SystemExit("this part must not run")
