"""docs/configuration.md, written from the settings themselves."""

from __future__ import annotations

from pydantic_core import PydanticUndefined

from voicehost.settings import PREFIX, VoiceHostSettings

HEAD = """# Configuration

The two servers read these environment variables and nothing else; a misspelt `VOICE_` name stops
them with a message. `make docs` writes this page from the code.

| variable | default | what it sets |
| --- | --- | --- |
"""


def settings_page() -> str:
    """The page as Markdown."""
    return HEAD + "".join(_row(name) for name in VoiceHostSettings.model_fields)


def _row(name: str) -> str:
    field = VoiceHostSettings.model_fields[name]
    shown = name.upper() if field.validation_alias else PREFIX + name.upper()
    default = field.default
    empty = default is PydanticUndefined or default in ("", (), None)
    value = "none" if empty else f"`{default:g}`" if isinstance(default, float) else f"`{default}`"
    return f"| `{shown}` | {value} | {field.description} |\n"
