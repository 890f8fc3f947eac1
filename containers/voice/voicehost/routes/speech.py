"""`/generate` and `/generate_batch`: text in, WAV out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response

from voicehost.audio.joints import join
from voicehost.audio.wav import in_base64, wav_bytes
from voicehost.engines.protocol import SPEECH_RATE, Speech, SpeechInput
from voicehost.errors import RequestError, TooLarge, VoiceError
from voicehost.host import Host
from voicehost.routes import speech_models as models
from voicehost.routes.catalog import WORK_ERRORS, Endpoint
from voicehost.routes.delivery import delivery
from voicehost.routes.voices import check_voice, voices_of
from voicehost.routes.work import admit, at, check_batch, check_language
from voicehost.settings import VoiceHostSettings
from voicehost.text.clean import CONTROL_TOKEN, clean, visible
from voicehost.text.pieces import Piece, cut
from voicehost.web.record import record
from voicehost.web.waiting import answer


@dataclass(frozen=True, slots=True)
class _Text:
    """One text of a request, ready to be spoken."""

    pieces: list[Piece]
    instruct: str
    language: str
    seed: int
    voice: str

    def inputs(self) -> list[SpeechInput]:
        manner = self.instruct, self.language
        return [
            SpeechInput(piece.text, *manner, (self.seed + i) % models.SEEDS, self.voice)
            for i, piece in enumerate(self.pieces)
        ]

    def take(self, spoken: Sequence[Speech]) -> dict[str, Any]:
        complete = all(piece.complete for piece in spoken)
        return {"finish_reason": "stop" if complete else "length", "seed": self.seed}

    def clip(self, spoken: Sequence[Speech]) -> bytes:
        endings = [piece.ending for piece in self.pieces]
        return wav_bytes(join([piece.audio for piece in spoken], endings, SPEECH_RATE), SPEECH_RATE)


def endpoints(host: Host) -> list[Endpoint]:
    scheduler = host.schedulers["speak"]

    def generate() -> Response:
        body = admit(host, scheduler, models.GenerateRequest, host.settings.text_body_mib)
        language = check_language(body.language, scheduler.engine.languages)
        voice = check_voice("voice", body.voice, host.voices)
        _check_instruct("instruct", body.instruct, host.settings)
        pieces = _prepare("text", body.text, host.settings)
        text = _Text(pieces, _said(body.instruct), language, _seed(host, body.seed), voice)

        made = record()

        def build(results: list[Speech]) -> dict[str, Any]:
            made.audio_seconds = _seconds(results)
            audio = in_base64(text.clip(results))
            end = {"sample_rate": SPEECH_RATE, "success": True}
            return {"audio": audio, **text.take(results), **end}

        made.items = 1
        return answer(host, scheduler, text.inputs(), build)

    def generate_batch() -> Response:
        body = admit(host, scheduler, models.GenerateBatchRequest, host.settings.text_body_mib)
        where = delivery(host, body.delivery)
        check_batch(host, "texts", len(body.texts), host.settings.texts)
        language = check_language(body.language, scheduler.engine.languages)
        voices = voices_of(body, host.voices)
        instructs, seeds = _instructs(body, host.settings), _seeds(host, body)
        pieces = [_prepare(f"texts[{i}]", text, host.settings) for i, text in enumerate(body.texts)]
        texts = [
            _Text(cut_text, _said(instruct), language, seed, voice)
            for cut_text, instruct, seed, voice in zip(
                pieces, instructs, seeds, voices, strict=True
            )
        ]

        made = record()

        def build(results: list[Speech]) -> dict[str, Any]:
            made.audio_seconds = _seconds(results)
            spoken = _by_text(texts, results)
            clips = [text.clip(parts) for text, parts in spoken]
            takes = [text.take(parts) for text, parts in spoken]
            end = {"takes": takes, "sample_rate": SPEECH_RATE, "count": len(clips), "success": True}
            if where is not None:
                return {"results": where.store(clips, "wav"), **end}
            return {"audios": [in_base64(clip) for clip in clips], **end}

        made.items = len(texts)
        inputs = [piece for text in texts for piece in text.inputs()]
        return answer(host, scheduler, inputs, build, aside=where is not None)

    return [
        Endpoint("POST", "/generate", "work", "Speak one text", generate, models.GenerateAnswer,
                 models.GenerateRequest, errors=WORK_ERRORS, example={"text": "Good morning."}),
        Endpoint("POST", "/generate_batch", "work", "Speak several texts", generate_batch,
                 models.GenerateBatchAnswer, models.GenerateBatchRequest, errors=WORK_ERRORS,
                 or_answers=[models.StoredClipsAnswer],
                 example={"texts": ["Good morning.", "Here is the news."]}),
    ]  # fmt: skip


def _prepare(place: str, text: str, settings: VoiceHostSettings) -> list[Piece]:
    if len(text) > settings.text_characters:
        raise TooLarge(
            f"{place}: has {len(text)} characters and {settings.text_characters} fit. "
            "Cut it into several texts."
        )
    try:
        return cut(clean(text), settings.piece_characters)
    except VoiceError as error:
        raise at(place, error) from None


def _instructs(body: models.GenerateBatchRequest, settings: VoiceHostSettings) -> list[str | None]:
    count = len(body.texts)
    if body.instructs is None:
        _check_instruct("instruct", body.instruct, settings)
        return [body.instruct] * count
    if len(body.instructs) != count:
        raise RequestError(
            f"instructs: has {len(body.instructs)} entries for {count} texts; send one for each."
        )
    for index, instruct in enumerate(body.instructs):
        _check_instruct(f"instructs[{index}]", instruct, settings)
    return body.instructs


def _check_instruct(place: str, instruct: str | None, settings: VoiceHostSettings) -> None:
    if instruct is None:
        return
    if len(instruct) > settings.instruct_characters:
        raise TooLarge(
            f"{place}: has more than {settings.instruct_characters} characters. Shorten it."
        )
    if CONTROL_TOKEN.search(visible(instruct)):
        raise RequestError(
            f"{place}: holds a control token of the model; remove everything between <| and |>."
        )


def _said(instruct: str | None) -> str:
    return visible(instruct or "").strip()


def _seed(host: Host, given: int | None) -> int:
    if given is not None:
        return given
    return secrets.randbelow(models.SEEDS) if host.samples else 0


def _seeds(host: Host, body: models.GenerateBatchRequest) -> list[int]:
    count = len(body.texts)
    if body.seeds is not None:
        if len(body.seeds) != count:
            raise RequestError(
                f"seeds: has {len(body.seeds)} entries for {count} texts; send one for each."
            )
        return [_seed(host, seed) for seed in body.seeds]
    if body.seed is None:
        return [_seed(host, None) for _ in body.texts]
    return [(body.seed + index) % models.SEEDS for index in range(count)]


def _seconds(results: Sequence[Speech]) -> float:
    return sum(len(speech.audio) for speech in results) / SPEECH_RATE


def _by_text(texts: Sequence[_Text], results: Sequence[Speech]) -> list[tuple[_Text, list[Speech]]]:
    rest = iter(results)
    return [(text, [next(rest) for _ in text.pieces]) for text in texts]
