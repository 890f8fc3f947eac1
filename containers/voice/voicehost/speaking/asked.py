"""What a call asks to have said."""

from __future__ import annotations

from typing import Any

from voicehost.errors import RequestError
from voicehost.host import Host
from voicehost.routes.speech_models import GenerateBatchRequest, GenerateRequest
from voicehost.speaking.prepare import prepare
from voicehost.speaking.text import SEEDS, SpokenText


def one_text(host: Host, body: GenerateRequest) -> SpokenText:
    """What `/generate` is asked to say. Raises RequestError, TooLarge."""
    return prepare(
        host,
        body.text,
        instruct=body.instruct,
        language=body.language,
        voice=body.voice,
        seed=body.seed,
    )


def batch_texts(host: Host, body: GenerateBatchRequest) -> list[SpokenText]:
    """What `/generate_batch` is asked to say. Raises RequestError, TooLarge."""
    count = len(body.texts)
    instructs = _for_each("instructs", body.instructs, body.instruct, count)
    voices = _for_each("voices", body.voices, body.voice, count)
    seeds = _for_each("seeds", body.seeds, None, count)
    if body.seeds is None and body.seed is not None:
        seeds = [(body.seed + index) % SEEDS for index in range(count)]
    return [
        prepare(
            host,
            text,
            place=f"texts[{i}]",
            instruct=instructs[i],
            language=body.language,
            voice=voices[i],
            seed=seeds[i],
            places=(
                "instruct" if body.instructs is None else f"instructs[{i}]",
                "voice" if body.voices is None else f"voices[{i}]",
            ),
        )
        for i, text in enumerate(body.texts)
    ]


def _for_each(name: str, given: list[Any] | None, otherwise: Any, count: int) -> list[Any]:
    if given is None:
        return [otherwise] * count
    if len(given) != count:
        raise RequestError(
            f"{name}: has {len(given)} entries for {count} texts; send one for each."
        )
    return given
