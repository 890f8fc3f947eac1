"""How large a random Qwen3-TTS is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CODE_GROUPS = 16


@dataclass(frozen=True, slots=True)
class VoiceSizes:
    """Parts of the checkpoint's configuration. `decoder_gain` is by how much the decoder's random
    weights are enlarged: of the usual size, they fade to silence from layer to layer.
    """

    name: str
    talker: Mapping[str, Any]
    predictor: Mapping[str, Any]
    encoder: Mapping[str, Any]
    decoder: Mapping[str, Any]
    text_width: int
    decoder_gain: float
    text_words: int | None = None
    kept_as: str = "float32"


WIDTH = 32
BLOCK: dict[str, Any] = {
    "hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_hidden_layers": 1,
    "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16, "rope_theta": 1_000_000,
    # About one over the root of the width: smaller, and the text would be lost beside the codes.
    "initializer_range": 0.2,
}  # fmt: skip
CODEC: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2,
    "num_key_value_heads": 2, "head_dim": 16, "num_quantizers": CODE_GROUPS,
}  # fmt: skip
TINY = VoiceSizes(
    name="tiny-random-qwen3-tts",
    talker={**BLOCK, "rope_scaling": [4, 2, 2]},
    predictor=BLOCK,
    # Encodes nothing here; the package builds it all the same.
    encoder={
        **CODEC, "num_filters": 4, "num_residual_layers": 1, "upsampling_ratios": [8, 6, 5, 4],
        "codebook_size": 64, "codebook_dim": 16, "vector_quantization_hidden_dimension": 16,
        "num_semantic_quantizers": 1, "upsample_groups": 32, "sliding_window": 250,
    },
    decoder={
        **CODEC, "codebook_size": 2048, "codebook_dim": 32, "latent_dim": 32, "decoder_dim": 64,
        "upsample_rates": [8, 5, 4, 3], "upsampling_ratios": [2, 2], "sliding_window": 72,
    },
    text_width=WIDTH,
    decoder_gain=5.0,
)  # fmt: skip
