from pathlib import Path

from openai import OpenAI

client = OpenAI(base_url="http://localhost:5000/v1", api_key="none", timeout=3600)
with client.audio.speech.with_streaming_response.create(
    model="tts-1", voice="alloy", input="Good morning, and welcome."
) as speech:
    speech.stream_to_file("hello.mp3")
heard = client.audio.transcriptions.create(
    model="whisper-1",
    file=Path("hello.mp3"),
    response_format="verbose_json",
    timestamp_granularities=["word"],
)
print(heard.text)
for word in heard.words or []:
    print(f"{word.start:6.2f} {word.word}")
