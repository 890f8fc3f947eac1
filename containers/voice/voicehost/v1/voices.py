"""OpenAI's names of voices, and who they are here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from voicehost.engines.protocol import LoadError
from voicehost.errors import RequestError
from voicehost.settings import variable

OPENAI_VOICES = (
    *("alloy", "ash", "ballad", "coral", "echo", "fable", "onyx"),
    *("nova", "sage", "shimmer", "verse", "marin", "cedar"),
)
OWN = ""


class Voices:
    """`own` are the engine's; `given` is the setting: `alloy=Aiden` for each name that is to be
    somebody else than the server's own speaker. Raises LoadError for one that cannot be.
    """

    def __init__(self, own: Sequence[str], given: Sequence[str]) -> None:
        self._own = own
        self._given = dict(_pair(own, text) for text in given)
        named = dict.fromkeys(OPENAI_VOICES, OWN) | self._given
        self._known: Mapping[str, str] = named | {name.lower(): name for name in own}

    def listed(self) -> dict[str, str]:
        """What to call each voice, by the names that choose it: those of the engine and of the
        setting. OpenAI's other names are the server's own speaker, so there is nothing to choose.
        """
        given = {name: f"{name} ({voice})" for name, voice in self._given.items()}
        return given | {name: name for name in self._own}

    def find(self, given: str) -> str:
        """The engine's name of a voice, empty for its own speaker. Raises RequestError."""
        name = given.strip().lower()
        if not name:
            return OWN
        if name not in self._known:
            raise RequestError(
                f"voice: this server speaks as {', '.join(self._own)}; OpenAI's names "
                f"({', '.join(OPENAI_VOICES)}) are taken too."
            )
        return self._known[name]


def _pair(own: Sequence[str], text: str) -> tuple[str, str]:
    name, found, voice = (part.strip() for part in text.partition("="))
    for known in own:
        if name and found and known.lower() == voice.lower():
            return name.lower(), known
    raise LoadError(
        f"{variable('openai_voices')}: {text!r} is not NAME=VOICE with a voice of this server: "
        f"{', '.join(own)}"
    )
