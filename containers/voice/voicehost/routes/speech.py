"""`/generate` and `/generate_batch`: text in, WAV out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Response
from pydantic import BaseModel, Field

from voicehost.audio.joints import join
from voicehost.audio.wav import in_base64, wav_bytes
from voicehost.engines.protocol import SPEECH_RATE, SpeechInput
from voicehost.errors import RequestError, TooLarge, VoiceError
from voicehost.host import Host
from voicehost.routes.catalog import WORK_ERRORS, Endpoint, FirstError, Strict
from voicehost.routes.delivery import DELIVERY, Delivery, StoredAnswer, delivery
from voicehost.routes.work import admit, at, check_batch
from voicehost.settings import VoiceHostSettings
from voicehost.text.clean import CONTROL_TOKEN, clean, visible
from voicehost.text.pieces import Piece, cut
from voicehost.web.record import record
from voicehost.web.waiting import answer

WAV = {"contentEncoding": "base64", "contentMediaType": "audio/wav"}


class GenerateRequest(Strict):
    text: str = Field(
        description="What to say.", json_schema_extra={"maxLength": "text_characters"}
    )
    instruct: str | None = Field(
        None,
        description="How to say it, for models that take it.",
        json_schema_extra={"maxLength": "instruct_characters"},
    )


class GenerateBatchRequest(Strict):
    texts: Annotated[list[str], FirstError()] = Field(
        description="What to say, one clip each.",
        json_schema_extra={"minItems": 1, "maxItems": "texts"},
    )
    instruct: str | None = Field(
        None,
        description="How to say all of them.",
        json_schema_extra={"maxLength": "instruct_characters"},
    )
    instructs: Annotated[list[str | None], FirstError()] | None = Field(
        None,
        description="How to say each; an empty one means none. Wins over `instruct`.",
    )
    batch: bool | None = Field(
        None, description="How the model is driven; never changes what comes back."
    )
    delivery: Delivery = DELIVERY


class GenerateAnswer(BaseModel):
    audio: str = Field(
        description="A WAV file: 24000 Hz, mono, 16 bit.", json_schema_extra=dict(WAV)
    )
    sample_rate: Literal[24000]
    success: Literal[True]


class GenerateBatchAnswer(BaseModel):
    audios: list[str] = Field(description="A WAV file for each text, in their order.")
    sample_rate: Literal[24000]
    count: int
    success: Literal[True]


class StoredClipsAnswer(StoredAnswer):
    """With `delivery` s3: a WAV file for each text, in their order."""

    sample_rate: Literal[24000]


def endpoints(host: Host) -> list[Endpoint]:
    scheduler = host.schedulers["speak"]

    def generate() -> Response:
        body = admit(host, scheduler, GenerateRequest, host.settings.text_body_mib)
        cuts = [_prepare("text", body.text, host.settings)]
        _check_instruct("instruct", body.instruct, host.settings)
        payloads = _payloads(cuts, [body.instruct])

        def build(results: list[Any]) -> dict[str, Any]:
            audio = _clips(cuts, results)[0]
            return {"audio": in_base64(audio), "sample_rate": SPEECH_RATE, "success": True}

        return answer(host, scheduler, payloads, build)

    def generate_batch() -> Response:
        body = admit(host, scheduler, GenerateBatchRequest, host.settings.text_body_mib)
        where = delivery(host, body.delivery)
        check_batch(host, "texts", len(body.texts), host.settings.texts)
        instructs = _instructs(body, host.settings)
        cuts = [_prepare(f"texts[{i}]", text, host.settings) for i, text in enumerate(body.texts)]
        payloads = _payloads(cuts, instructs)

        def build(results: list[Any]) -> dict[str, Any]:
            clips = _clips(cuts, results)
            end = {"sample_rate": SPEECH_RATE, "count": len(clips), "success": True}
            if where is not None:
                return {"results": where.store(clips, "wav"), **end}
            return {"audios": [in_base64(clip) for clip in clips], **end}

        return answer(host, scheduler, payloads, build, aside=where is not None)

    return [
        Endpoint("POST", "/generate", "work", "Speak one text", generate, GenerateAnswer,
                 GenerateRequest, errors=WORK_ERRORS, example={"text": "Good morning."}),
        Endpoint("POST", "/generate_batch", "work", "Speak several texts", generate_batch,
                 GenerateBatchAnswer, GenerateBatchRequest, errors=WORK_ERRORS,
                 or_answers=[StoredClipsAnswer],
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


def _instructs(body: GenerateBatchRequest, settings: VoiceHostSettings) -> list[str | None]:
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


def _payloads(cuts: list[list[Piece]], instructs: list[str | None]) -> list[SpeechInput]:
    record().items = len(cuts)
    return [
        SpeechInput(piece.text, visible(instruct or "").strip())
        for pieces, instruct in zip(cuts, instructs, strict=True)
        for piece in pieces
    ]


def _clips(cuts: list[list[Piece]], results: list[Any]) -> list[bytes]:
    clips: list[bytes] = []
    rest = iter(results)
    for pieces in cuts:
        parts = [next(rest) for _ in pieces]
        clip = join(parts, [piece.ending for piece in pieces], SPEECH_RATE)
        clips.append(wav_bytes(clip, SPEECH_RATE))
    return clips
