"""The part of a random voice that turns codes into sound: noise one can hear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from qwen_tts.core import Qwen3TTSTokenizerV2Config, Qwen3TTSTokenizerV2Model
from safetensors.torch import save_file
from transformers import EncodecFeatureExtractor

from tests.models.voice_sizes import CODE_GROUPS, VoiceSizes
from voicehost.engines.protocol import SPEECH_RATE

LOUDNESS = 0.1


def write_speech_decoder(folder: Path, sizes: VoiceSizes) -> None:
    """Write the folder `speech_tokenizer`; 1920 samples a frame, as the true one makes."""
    folder.mkdir(exist_ok=True)
    config = Qwen3TTSTokenizerV2Config(
        encoder_config=dict(sizes.encoder),
        decoder_config=dict(sizes.decoder),
        encoder_valid_num_quantizers=CODE_GROUPS,
        architectures=["Qwen3TTSTokenizerV2Model"],
    )
    model = Qwen3TTSTokenizerV2Model(config).eval()
    with torch.no_grad():
        _make_audible(model, sizes)
    weights = {name: value.cpu().contiguous() for name, value in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config.save_pretrained(folder)
    EncodecFeatureExtractor(feature_size=1, sampling_rate=SPEECH_RATE).save_pretrained(folder)


def _make_audible(model: Any, sizes: VoiceSizes) -> None:
    for name, values in [*model.named_buffers(), *model.named_parameters()]:
        if name.endswith("embedding_sum"):
            values.normal_()
        elif name.endswith("cluster_usage"):
            values.fill_(1.0)
        elif name.startswith("decoder.") and values.dim() > 1:
            values.mul_(sizes.decoder_gain)
    codes = torch.randint(0, sizes.decoder["codebook_size"], (1, 50, CODE_GROUPS))
    loudness = model.decode(codes, return_dict=True).audio_values[0].std()
    model.decoder.decoder[-1].conv.weight.mul_(LOUDNESS / loudness)
