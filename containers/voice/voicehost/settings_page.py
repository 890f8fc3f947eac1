"""The second part of docs/configuration.md, written from the settings themselves."""

from __future__ import annotations

from pydantic_core import PydanticUndefined

from voicehost.cloud_settings import CloudSettings
from voicehost.settings import VoiceHostSettings, variable

HEAD = """
## The servers

The two servers read these environment variables; a misspelt `VOICE_` name stops them with a
message. Changes take effect at the next start; keys in secrets are fetched while the servers run.
`make docs` writes this page from the code. The last rows are for servers in AWS; there boto3 also
reads its own variables, `AWS_ENDPOINT_URL` and `AWS_CA_BUNDLE` among them.

Two more are for the process manager alone: `VOICEHOST_RUN`, a folder it may write to (`/tmp`), and
`VOICEHOST_PYTHON`, the interpreter to use (`python3`).

| variable | default | what it sets |
| --- | --- | --- |
"""


def settings_page() -> str:
    """The page as Markdown."""
    cloud = list(CloudSettings.model_fields)
    own = [name for name in VoiceHostSettings.model_fields if name not in cloud]
    return HEAD + "".join(_row(name) for name in own + cloud)


def _row(name: str) -> str:
    field = VoiceHostSettings.model_fields[name]
    shown = variable(name)
    default = field.default
    empty = default is PydanticUndefined or default in ("", (), None)
    value = "none" if empty else f"`{default:g}`" if isinstance(default, float) else f"`{default}`"
    return f"| `{shown}` | {value} | {field.description} |\n"
