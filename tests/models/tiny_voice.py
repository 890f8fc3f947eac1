"""A Qwen3-TTS CustomVoice checkpoint that speaks noise through the true code path: 12 MB.

The ids of speakers, languages and control codes are those of the published 1.7B checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from qwen_tts.core.models import Qwen3TTSConfig, Qwen3TTSForConditionalGeneration
from safetensors.torch import save_file

from tests.models import text_tokenizer as tokens
from tests.models.speech_decoder import write_speech_decoder
from tests.models.voice_sizes import CODE_GROUPS, TINY, VoiceSizes
from tests.models.weights_note import note_weights

SPEAKERS = {
    "serena": 3066, "vivian": 3065, "uncle_fu": 3010, "ryan": 3061, "aiden": 2861,
    "ono_anna": 2873, "sohee": 2864, "eric": 2875, "dylan": 2878,
}  # fmt: skip
DIALECTS = {"eric": "sichuan_dialect", "dylan": "beijing_dialect"}
LANGUAGES = {
    "chinese": 2055, "english": 2050, "german": 2053, "italian": 2070, "portuguese": 2071,
    "spanish": 2054, "japanese": 2058, "korean": 2064, "french": 2061, "russian": 2069,
    "beijing_dialect": 2074, "sichuan_dialect": 2062,
}  # fmt: skip
CONTROL = {
    "codec_pad_id": 2148, "codec_bos_id": 2149, "codec_eos_token_id": 2150, "codec_think_id": 2154,
    "codec_nothink_id": 2155, "codec_think_bos_id": 2156, "codec_think_eos_id": 2157,
}  # fmt: skip
SAMPLING = {
    "do_sample": True, "temperature": 0.9, "top_p": 1.0, "top_k": 50, "repetition_penalty": 1.05,
    "subtalker_dosample": True, "subtalker_temperature": 0.9, "subtalker_top_p": 1.0,
    "subtalker_top_k": 50, "max_new_tokens": 8192,
}  # fmt: skip
# How much likelier than any other code the end is: clips of some 5 to 60 frames.
END_GAIN = 2.2


def make_voice(
    folder: Path, *, sizes: VoiceSizes = TINY, seed: int = 0, ends: bool = True, device: str = "cpu"
) -> None:
    """Write the checkpoint. With `ends` false no clip ever ends by itself."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    config = _config(tokens.write_tokenizer(folder), sizes)
    with torch.device(device):
        model = Qwen3TTSForConditionalGeneration(config).eval()
    with torch.no_grad():
        # A row of zeros is in the middle of two thousand others: never among the likeliest fifty.
        model.talker.codec_head.weight[CONTROL["codec_eos_token_id"]] *= END_GAIN if ends else 0
    _save(model.to(getattr(torch, sizes.kept_as)), config, folder)
    write_speech_decoder(folder / "speech_tokenizer", sizes)
    note_weights(
        folder,
        model=sizes.name if ends else f"{sizes.name}-endless",
        revision=f"seed-{seed}",
        licence="none: random numbers",
    )


def _config(ids: Mapping[str, int], sizes: VoiceSizes) -> Any:
    rope = {"type": "default", "interleaved": True, "mrope_section": sizes.talker["rope_scaling"]}
    talker = {
        **sizes.talker,
        **CONTROL,
        "rope_scaling": rope,
        "vocab_size": 3072,
        "num_code_groups": CODE_GROUPS,
        "text_hidden_size": sizes.text_width,
        "text_vocab_size": sizes.text_words or max(ids.values()) + 1,
        "spk_id": SPEAKERS,
        "spk_is_dialect": {name: DIALECTS.get(name, False) for name in SPEAKERS},
        "codec_language_id": LANGUAGES,
        "code_predictor_config": {
            **sizes.predictor, "vocab_size": 2048, "num_code_groups": CODE_GROUPS,
        },
    }  # fmt: skip
    return Qwen3TTSConfig(
        talker_config=talker,
        tokenizer_type="qwen3_tts_tokenizer_12hz",
        tts_model_size="1b7",
        tts_model_type="custom_voice",
        im_start_token_id=ids[tokens.TURN_START],
        im_end_token_id=ids[tokens.TURN_END],
        tts_pad_token_id=ids[tokens.SPEECH_PAD],
        tts_bos_token_id=ids[tokens.SPEECH_START],
        tts_eos_token_id=ids[tokens.SPEECH_END],
        architectures=["Qwen3TTSForConditionalGeneration"],
    )


def _save(model: Any, config: Any, folder: Path) -> None:
    weights = {name: value.cpu().contiguous() for name, value in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config.save_pretrained(folder)
    written = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    # The class of this part takes no model_type, which transformers wrote into it.
    written.pop("speaker_encoder_config", None)
    for name, content in (("config", written), ("generation_config", SAMPLING)):
        (folder / f"{name}.json").write_text(json.dumps(content, indent=2), encoding="utf-8")
