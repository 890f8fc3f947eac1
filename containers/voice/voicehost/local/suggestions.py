"""Commands to try, which work as they are printed."""

from __future__ import annotations

from collections.abc import Sequence

from voicehost.local.addresses import Address
from voicehost.settings import VoiceHostSettings

SAVE = (
    "import sys, json, base64; "
    "open('hello.wav', 'wb').write(base64.b64decode(json.load(sys.stdin)['audio']))"
)


def suggestions(settings: VoiceHostSettings, both: Sequence[Address], console: str = "") -> str:
    """Lines for a shell: speak, transcribe and align."""
    page = f"\n  console          {console}" if console else ""
    voice, ears = (address.url for address in both)
    key = ' -H "X-API-Key: $TTS_API_KEY"' if settings.locked else ""
    head = f"-H 'Content-Type: application/json'{key}"
    text = "Good morning, and welcome."
    audio = "base64 < hello.wav | tr -d '\\n'"
    return f"""
  text to speech   {voice}/docs
  transcription    {ears}/docs{page}

Try in another terminal:

curl -s {voice}/generate {head} -d '{{"text": "{text}"}}' | python3 -c "{SAVE}"

(printf '{{"audio": "'; {audio}; printf '"}}') | curl -s {ears}/transcribe {head} -d @-

(printf '{{"text": "{text}", "audio": "'; {audio}; printf '"}}') | curl -s {ears}/align {head} -d @-
"""
