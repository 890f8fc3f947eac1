"""The sizes of the published models, for checkpoints with random weights.

Speed and memory depend on sizes and number formats, not on what the numbers are. Sources: the
`config.json` of Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice and of its `speech_tokenizer` (they give
1.92 billion parameters, the published file's 3.8 GB in bfloat16), of openai/whisper-large-v3, and
of facebook/wav2vec2-base-960h, whose sizes are those that transformers takes when none are given.
"""

from __future__ import annotations

from typing import Any

from tests.models.random_ears import Sizes
from tests.models.voice_sizes import CODE_GROUPS, VoiceSizes

_HEADS: dict[str, Any] = {
    "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "rope_theta": 1_000_000,
}  # fmt: skip
VOICE = VoiceSizes(
    name="random-qwen3-tts-1.7b",
    talker={
        **_HEADS, "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 28,
        "rope_scaling": [24, 20, 20],
    },
    predictor={
        **_HEADS, "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 5,
    },
    encoder={
        "hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 8,
        "num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 64, "num_filters": 64,
        "num_residual_layers": 1, "upsampling_ratios": [8, 6, 5, 4], "codebook_size": 2048,
        "codebook_dim": 256, "vector_quantization_hidden_dimension": 256,
        "num_quantizers": 32, "num_semantic_quantizers": 1, "sliding_window": 250,
    },
    decoder={
        "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 8,
        "num_attention_heads": 16, "num_key_value_heads": 16, "head_dim": 64, "latent_dim": 1024,
        "codebook_size": 2048, "codebook_dim": 512, "decoder_dim": 1536,
        "num_quantizers": CODE_GROUPS, "upsample_rates": [8, 5, 4, 3], "upsampling_ratios": [2, 2],
        "sliding_window": 72,
    },
    text_width=2048,
    decoder_gain=1.0,
    text_words=151_936,
    kept_as="bfloat16",
)  # fmt: skip
EARS = Sizes(layers=32, width=1280, heads=20, inner=5120, mel_bins=128)
ALIGNER: dict[str, Any] = {}
