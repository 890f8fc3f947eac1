"""What the code has, the documents name."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_each_command_of_the_makefile_is_in_the_readme() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE))
    assert {"run", "test", "check", "demo", "fuzz", "bench"} <= targets
    missing = {
        name for name in targets - {"help", "format"} if f"make {name}" not in read("README.md")
    }
    assert not missing


def test_each_metric_is_in_the_architecture_page() -> None:
    source = "".join(
        file.read_text(encoding="utf-8") for file in (ROOT / "containers/voice").rglob("*.py")
    )
    metrics = set(re.findall(r'(?:\.add|\.gauge)\(\s*"([A-Z]\w+)"', source))
    assert metrics
    assert all(f"`{name}`" in read("docs/architecture.md") for name in metrics)


def test_the_readme_prints_what_the_launcher_prints() -> None:
    from voicehost.local.addresses import addresses
    from voicehost.local.suggestions import suggestions
    from voicehost.settings import VoiceHostSettings

    def squeezed(text: str) -> str:
        return " ".join(text.replace("\\\n", " ").split())

    settings = VoiceHostSettings(tts_port=5000, whisperx_port=5001)
    printed = suggestions(settings, addresses(settings))
    for line in printed.splitlines():
        if line.startswith(("curl", "(printf")):
            assert squeezed(line) in squeezed(read("README.md"))


def test_the_page_of_settings_has_both_parts() -> None:
    from config.page import page
    from voicehost.settings_page import settings_page

    assert read("docs/configuration.md") == page() + settings_page()
