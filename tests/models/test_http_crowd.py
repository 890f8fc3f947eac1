"""Eight callers at once, each of both servers: nothing crosses from one to another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.models.serving import alike, ask, recordings
from tests.servers import Running

CALLERS = 8
ROUNDS = 2
SPOKEN = list(recordings().items())


def test_each_of_eight_callers_gets_its_own_sound_text_and_words(model_servers: Running) -> None:
    tts, ears = model_servers.tts, model_servers.whisperx
    texts = [
        f"{'A text of a caller, and ' * (1 + n % 3)}its number is {n}." for n in range(CALLERS)
    ]
    sounds = [ask(f"{tts}/generate", {"text": t, "seed": n}) for n, t in enumerate(texts)]
    heard = [ask(f"{ears}/transcribe", {"audio": audio})["text"] for _, audio in SPOKEN]
    assert len(set(heard)) == len(SPOKEN)
    languages = ["en", "de"]
    words = {
        (text, language): ask(
            f"{ears}/align", {"audio": audio, "text": text, "language": language}
        )["words"]
        for text, audio in SPOKEN
        for language in languages
    }

    def caller(number: int) -> None:
        text, audio = SPOKEN[number % len(SPOKEN)]
        language = languages[number % 2]
        for _ in range(ROUNDS):
            made = ask(f"{tts}/generate", {"text": texts[number], "seed": number})
            assert alike(made["audio"], sounds[number]["audio"])
            written = ask(f"{ears}/transcribe", {"audio": audio})
            assert written["text"] == heard[number % len(SPOKEN)]
            body = {"audio": audio, "text": text, "language": language}
            assert ask(f"{ears}/align", body)["words"] == words[text, language]

    with ThreadPoolExecutor(CALLERS) as pool:
        for done in [pool.submit(caller, number) for number in range(CALLERS)]:
            done.result()
