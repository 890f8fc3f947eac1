"""Which servers are meant, and with which key: argument > environment > file > this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gpuvoice.addresses import checked, power_of, shown
from gpuvoice.errors import ConfigError
from gpuvoice.secret import Secret

FILE_NAME = "server_config.json"
SPEECH, RECOGNITION = "http://localhost:5000", "http://localhost:5001"
# Name here, in the environment, in the file.
FIELDS = {
    "speech_url": ("TTS_SERVER_URL", "server_url"),
    "recognition_url": ("WHISPER_URL", "whisper_url"),
    "power_url": ("GPUVOICE_POWER_URL", "power_url"),
    "api_key": ("TTS_API_KEY", "api_key"),
}


@dataclass(frozen=True)
class ClientConfig:
    """URLs without a slash at the end; `sources` says for each value where it comes from."""

    speech_url: str = SPEECH
    recognition_url: str = RECOGNITION
    power_url: str = power_of(SPEECH)
    api_key: Secret = field(default_factory=Secret)
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)
    file: Path | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return (
            f"ClientConfig(speech_url={shown(self.speech_url)!r}, "
            f"recognition_url={shown(self.recognition_url)!r}, "
            f"power_url={shown(self.power_url)!r}, api_key={self.api_key!r})"
        )

    @classmethod
    def resolve(
        cls,
        *,
        url: str | None = None,
        speech_url: str | None = None,
        recognition_url: str | None = None,
        power_url: str | None = None,
        api_key: str | None = None,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> ClientConfig:
        """Each value by itself: argument > environment > `server_config.json` > localhost.

        `url` is the address of a deployment, to which `/tts`, `/whisperx` and `/power` are
        appended. The file is the nearest one upwards from `folder` (the working folder), or the
        user's own in `~/.config/gpuvoice`. Raises ConfigError.
        """
        environ = os.environ if environ is None else environ
        arguments = {
            "speech_url": speech_url,
            "recognition_url": recognition_url,
            "power_url": power_url,
            "api_key": api_key,
        }
        if url:
            base = checked(url, "The URL")
            arguments["speech_url"] = speech_url or f"{base}/tts"
            arguments["recognition_url"] = recognition_url or f"{base}/whisperx"
            arguments["power_url"] = power_url or f"{base}/power"
        file = find_file(folder or Path.cwd(), environ)
        known = read_file(file) if file else {}
        values: dict[str, str] = {}
        sources: dict[str, str] = {}
        for name, (variable, entry) in FIELDS.items():
            found = _first(arguments[name], environ.get(variable), known.get(entry))
            if found is not None:
                place, values[name] = found
                sources[name] = ("argument", variable, str(file))[place]
        return cls._made(values, sources, file)

    @classmethod
    def _made(
        cls, values: Mapping[str, str], sources: dict[str, str], file: Path | None
    ) -> ClientConfig:
        def url_of(name: str, preset: Callable[[], str]) -> str:
            if name not in values:
                sources[name] = "default"
                return preset()
            return checked(values[name], _called(name, sources[name]))

        speech = url_of("speech_url", lambda: SPEECH)
        recognition = url_of("recognition_url", lambda: RECOGNITION)
        power = url_of("power_url", lambda: power_of(speech))
        if "power_url" not in values:
            sources["power_url"] = "beside the speech server"
        sources.setdefault("api_key", "none")
        key = values.get("api_key", "").strip()
        if not key.isprintable() or not key.isascii():
            raise ConfigError("The key holds characters that no key has. Copy it once more.")
        return cls(speech, recognition, power, Secret(key), sources, file)


def find_file(folder: Path, environ: Mapping[str, str] | None = None) -> Path | None:
    """The nearest `server_config.json` upwards, or else the user's own.

    A file that somebody else put into a folder of others is passed over: it could send the key
    anywhere.
    """
    near = [place / FILE_NAME for place in (folder.resolve(), *folder.resolve().parents)]
    files = (file for file in (*near, user_file(environ)) if file.is_file())
    return next((file for file in files if not is_strangers(file)), None)


def is_strangers(file: Path) -> bool:
    """Whether it belongs neither to us, nor to root, nor to the owner of its folder."""
    if not hasattr(os, "geteuid"):
        return False
    return file.stat().st_uid not in (os.geteuid(), 0, file.parent.stat().st_uid)


def user_file(environ: Mapping[str, str] | None = None) -> Path:
    """The user's own file, which other programs of the team do not read."""
    environ = os.environ if environ is None else environ
    base = environ.get("XDG_CONFIG_HOME") or str(
        Path(environ.get("HOME") or Path.home(), ".config")
    )
    return Path(base) / "gpuvoice" / FILE_NAME


def read_file(file: Path) -> dict[str, str]:
    """The texts in the file; empty ones count as missing. Raises ConfigError."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file} cannot be read as JSON: {_reason(error)}. Mend it.") from None
    if not isinstance(found, dict):
        raise ConfigError(f'{file} must hold an object like {{"server_url": "https://..."}}.')
    entries = [entry for _, entry in FIELDS.values()]
    wrong = [entry for entry in entries if not isinstance(found.get(entry) or "", str)]
    if wrong:
        raise ConfigError(f"{wrong[0]} in {file} must be a text.")
    return {entry: found[entry] for entry in entries if found.get(entry)}


def _first(*values: str | None) -> tuple[int, str] | None:
    """The first that is there, with its place; an empty one is not."""
    return next(((place, value) for place, value in enumerate(values) if value), None)


def _called(name: str, source: str) -> str:
    return f"The {name.replace('_url', '')} URL ({source})"


def _reason(error: Exception) -> str:
    # The text of the file may hold a key: only the place is told.
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    return error.strerror or "no access" if isinstance(error, OSError) else "no UTF-8 text"
