"""docs/configuration.md, written from the settings themselves."""

from __future__ import annotations

from pydantic_core import PydanticUndefined

from voicehost.settings import VoiceHostSettings, variable

HEAD = """# Configuration

The two servers read these environment variables; a misspelt `VOICE_` name stops them with a
message. Changes, keys among them, take effect at the next start. `make docs` writes this page from
the code.

Two more are for the process manager alone: `VOICEHOST_RUN`, a folder it may write to (`/tmp`), and
`VOICEHOST_PYTHON`, the interpreter to use (`python3`).

| variable | default | what it sets |
| --- | --- | --- |
"""


def settings_page() -> str:
    """The page as Markdown."""
    return HEAD + "".join(_row(name) for name in VoiceHostSettings.model_fields)


def _row(name: str) -> str:
    field = VoiceHostSettings.model_fields[name]
    shown = variable(name)
    default = field.default
    empty = default is PydanticUndefined or default in ("", (), None)
    value = "none" if empty else f"`{default:g}`" if isinstance(default, float) else f"`{default}`"
    return f"| `{shown}` | {value} | {field.description} |\n"
