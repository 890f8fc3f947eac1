"""What the image is built from, and that old engines can build it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from operate.failures import CommandError
from operate.image.build import build, checked_tag
from operate.image.docker import Docker
from operate.image.recipe import Recipe
from operate.image.sentences import LANGUAGES, write_sentences
from voicehost.settings import VoiceHostSettings, variable

VOICE = Path(__file__).parents[2] / "containers/voice"
DOCKERFILE = (VOICE / "Dockerfile").read_text(encoding="utf-8")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
# What a set for a GPU has of its own.
CUDA = re.compile(r"torch|torchaudio|triton|nvidia-.*-cu12")


def pins(name: str) -> set[tuple[str, str]]:
    return set(PINNED.findall((VOICE / name).read_text(encoding="utf-8")))


def test_nothing_is_built_without_weights(tmp_path: Path) -> None:
    record = (VOICE / "weights.json").read_text(encoding="utf-8")
    (tmp_path / "weights.json").write_text(record, encoding="utf-8")
    with pytest.raises(CommandError, match=r"models/tts: config\.json is missing\. make weights"):
        build(Docker("no-such-docker"), Recipe(tmp_path, "v1"))


def test_a_build_is_told_set_base_and_version() -> None:
    words = list(Recipe(VOICE, "v1", "models-cpu", "own/base:1", "abc").arguments())
    given = {words[n + 1] for n, word in enumerate(words) if word == "--build-arg"}
    assert given == {
        "BASE=own/base:1", "SET=models-cpu", "TORCH=torch==2.13.0", "VERSION=v1", "REVISION=abc",
    }  # fmt: skip
    assert words[-1] == str(VOICE)


def test_the_default_base_is_the_one_that_the_dockerfile_pins() -> None:
    assert not any(word.startswith("BASE=") for word in Recipe(VOICE, "v1").arguments())
    assert re.search(r"^ARG BASE=\S+@sha256:[0-9a-f]{64}$", DOCKERFILE, re.MULTILINE)


def test_an_unknown_set_is_refused() -> None:
    with pytest.raises(CommandError, match="SET is one of gpu, models-cpu"):
        list(Recipe(VOICE, "v1", "tpu").arguments())


@pytest.mark.parametrize("tag", ["", "a b", "-v1", ".v1", "v1/2", "v" * 129, "ü"])
def test_a_tag_that_no_registry_takes_is_refused(tag: str) -> None:
    with pytest.raises(CommandError, match="say which tag"):
        checked_tag(tag, "make image TAG=v1")


@pytest.mark.parametrize("tag", ["qwen3-v2.1", "v1", "2026_11_24"])
def test_other_tags_are_fine(tag: str) -> None:
    assert checked_tag(tag, "make image TAG=v1") == tag


@pytest.mark.parametrize(
    "newer", [r"^# syntax=", r"--link", r"<<", r"ADD --checksum", r"--start-interval"]
)
def test_the_dockerfile_asks_for_nothing_that_docker_20_lacks(newer: str) -> None:
    assert not re.search(newer, DOCKERFILE, re.MULTILINE)


def test_each_setting_of_the_image_is_one_that_the_servers_know() -> None:
    named = set(re.findall(r"\b(VOICE_[A-Z_]+)=", DOCKERFILE))
    assert named == {"VOICE_ENGINE", "VOICE_START_SECONDS"}
    assert named <= {variable(name) for name in VoiceHostSettings.model_fields}


def test_the_set_for_a_gpu_is_the_tried_one_with_another_torch() -> None:
    own = {pin for pin in pins("requirements-gpu.lock") if not CUDA.fullmatch(pin[0])}
    assert own <= pins("requirements-models-cpu.lock")


def test_each_language_that_whisperx_asks_for_has_sentence_rules(tmp_path: Path) -> None:
    write_sentences(tmp_path)
    for language in LANGUAGES:
        folder = tmp_path / "tokenizers/punkt_tab" / language
        assert len(list(folder.iterdir())) == 4


def test_an_image_for_gpus_is_for_their_machines_whoever_builds_it() -> None:
    assert "--platform linux/amd64" in " ".join(Recipe(VOICE, "v1").arguments())
    assert "--platform" not in list(Recipe(VOICE, "v1", "models-cpu").arguments())


def test_the_torch_layer_holds_torch_and_cuda_and_the_other_one_all_the_rest(
    tmp_path: Path,
) -> None:
    text = (VOICE / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    (program,) = re.findall(r"&& (awk '.*?' /pins/all\.lock)", text, re.DOTALL)
    shutil.copy(VOICE / "requirements-gpu.lock", tmp_path / "all.lock")
    subprocess.run(["sh", "-c", program.replace("/pins", str(tmp_path))], check=True)
    found = {
        name: set(re.findall(r"^([a-z0-9-]+)==", (tmp_path / f"{name}.lock").read_text(), re.M))
        for name in ("torch", "rest", "all")
    }
    assert found["torch"] | found["rest"] == found["all"]
    assert not found["torch"] & found["rest"]
    cuda = {name for name in found["all"] if name.startswith("nvidia-") and name.endswith("-cu12")}
    assert found["torch"] == {"torch", "triton", *cuda}
    assert len(cuda) > 10


def test_ctranslate2_finds_torch_s_own_cublas() -> None:
    text = (VOICE / "Dockerfile").read_text(encoding="utf-8")
    assert "LD_LIBRARY_PATH=/opt/torch/nvidia/cublas/lib:" in text
    assert "nvidia-cublas-cu12==" in (VOICE / "requirements-gpu.lock").read_text(encoding="utf-8")
