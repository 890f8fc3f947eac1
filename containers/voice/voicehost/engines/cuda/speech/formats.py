"""One model in two number formats: casts where values cross from one to the other."""

from __future__ import annotations

from typing import Any

from voicehost.engines.cuda.precision import Precision


def apply(model: Any, precision: Precision) -> None:
    """Put the code predictor of a loaded Qwen3-TTS into its own format.

    Nothing changes when it is the talker's.
    """
    if not precision.mixed:
        return
    import torch

    wide = getattr(torch, precision.predictor)
    narrow = getattr(torch, precision.talker)
    talker = model.talker
    talker.code_predictor.to(wide)
    talker.code_predictor.register_forward_pre_hook(_cast_to(wide), with_kwargs=True)
    talker.model.register_forward_pre_hook(_cast_to(narrow), with_kwargs=True)


def _cast_to(wanted: Any) -> Any:
    def cast(module: Any, arguments: Any, named: dict[str, Any]) -> Any:
        embeddings = named.get("inputs_embeds")
        if embeddings is not None and embeddings.dtype != wanted:
            named = {**named, "inputs_embeds": embeddings.to(wanted)}
        return arguments, named

    return cast
