"""All settings of the two servers, read from the environment in this one place."""

from __future__ import annotations

import difflib
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from voicehost.cloud_settings import CloudSettings
from voicehost.comma_list import CommaList
from voicehost.keeping_settings import KeepingSettings
from voicehost.key_format import KeyFormatError, parse_keys
from voicehost.keys import Key, KeyRing
from voicehost.model_settings import ModelSettings

PREFIX = "VOICE_"


class SettingsError(ValueError):
    """A setting is wrong; the message names the variable and says what it takes."""


def is_loopback(host: str) -> bool:
    """Whether a bind address or a host name can be reached from this machine alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class VoiceHostSettings(ModelSettings, KeepingSettings, CloudSettings):
    """Settings of one container; both servers read the same ones. Quantities carry their unit."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    engine: Literal["cuda", "cpu", "clock"] = Field(
        "cpu",
        description="Engine family: `cuda` is Qwen3-TTS and WhisperX on an NVIDIA GPU; `cpu` "
        "speaks and hears with small models that come as packages; `clock` takes the time that a "
        "published step-cost curve says and returns a tone, for measurements of scheduling without "
        "a GPU.",
    )
    host: str = Field(
        "127.0.0.1", description="Address to listen on. Beyond loopback, keys are required."
    )
    tts_port: int = Field(
        5000, ge=1, le=65535, validation_alias=AliasChoices("TTS_PORT", "tts_port"),
        description="Port of the text-to-speech server.",
    )  # fmt: skip
    whisperx_port: int = Field(
        5001, ge=1, le=65535, validation_alias=AliasChoices("WHISPERX_PORT", "whisperx_port"),
        description="Port of the WhisperX server.",
    )  # fmt: skip

    keys: str = Field(
        "", repr=False,
        description="Named keys as `name=sha256:HEX`, separated by commas; `:service` at the end "
        "marks a service key. `python -m voicehost keys new NAME` makes one.",
    )  # fmt: skip
    keys_file: Path | None = Field(
        None,
        description="JSON file with the same keys: `{\"name\": \"sha256:HEX\", ...}`. Instead of a "
        "hash, an object `{\"hash\": ..., \"expires_at\": \"2026-11-24T10:00:00Z\", "
        "\"queue_items\": 64}` limits a key in time and in its waiting work; a list holds several.",
    )  # fmt: skip
    cors_origins: CommaList = Field(
        (), description="Origins whose pages may call, separated by commas. None given: loopback "
        "origins alone."
    )  # fmt: skip

    queue_items: int = Field(
        1024,
        ge=1,
        description="Pieces of work that may wait for the model; more are refused with 503.",
    )
    key_items: int = Field(
        512,
        ge=1,
        description="Pieces of work that one key may have waiting, if its own entry says nothing "
        "else; more are refused with 429.",
    )
    batch_rows: int = Field(
        16, ge=1, le=256, description="Largest batch, for engines that run several rows at once."
    )
    requests_at_once: int = Field(
        64,
        ge=1,
        le=1000,
        description="Requests held open at once per server; more are refused with 503.",
    )
    spare_threads: int = Field(
        12,
        ge=2,
        le=100,
        description="Threads kept free for health checks and refusals, whatever the load.",
    )
    deadline_seconds: float = Field(
        10800,
        gt=0,
        description="Longest time a request may take; its `X-Deadline-Seconds` may shorten it.",
    )
    heartbeat_seconds: float = Field(
        15,
        gt=0,
        description="Time without a result after which white space keeps the connection alive.",
    )
    stall_seconds: float = Field(
        300, gt=0, description="`/live` fails when an engine call makes no progress for this long."
    )

    body_mib: int = Field(256, ge=1, description="Largest request body with audio, in MiB.")
    text_body_mib: int = Field(
        16, ge=1, description="Largest request body of the text-to-speech server, in MiB."
    )
    header_seconds: float = Field(
        15, gt=0, description="Time a caller has to send its request headers."
    )
    body_seconds: float = Field(
        300, gt=0, description="Time a caller has to send its request body."
    )
    write_stall_seconds: int = Field(
        60, ge=1, description="A caller that reads nothing of its answer for this long is cut off."
    )
    texts: int = Field(128, ge=1, description="Most texts in one `/generate_batch`.")
    text_characters: int = Field(5000, ge=1, description="Longest text to speak, in characters.")
    instruct_characters: int = Field(1000, ge=1, description="Longest instruct, in characters.")
    piece_characters: int = Field(
        300,
        ge=40,
        description="Longer texts are cut at sentence and clause ends into pieces of at most "
        "this many characters.",
    )
    audios: int = Field(64, ge=1, description="Most audio files in one batch.")
    audio_seconds: float = Field(1800, gt=0, description="Longest audio file, in seconds.")
    request_audio_seconds: float = Field(
        3600, gt=0, description="Most audio in one request, in seconds."
    )
    memory_mib: int = Field(
        2048,
        ge=1,
        description="Memory for bodies and decoded audio of all requests together, in MiB; more "
        "are refused with 503.",
    )
    align_characters: int = Field(40000, ge=1, description="Longest text to align, in characters.")

    neighbour_url: str = Field(
        "",
        description="Where the text server finds the WhisperX server. None given: this machine, at "
        "WHISPERX_PORT.",
    )  # fmt: skip
    neighbour_key: str = Field(
        "", repr=False,
        description="Secret that the two servers of a machine share, so that one may call the "
        "other for a caller. `run.sh` makes one at each start.",
    )  # fmt: skip
    openai_voices: CommaList = Field(
        (),
        description="Voices for the names that OpenAI's clients know, as `alloy=Aiden`, separated "
        "by commas. Those not named speak as the server's own speaker.",
    )

    keep_alive_seconds: int = Field(
        75,
        ge=1,
        description="How long an idle connection stays open; keep it above the load balancer's "
        "idle time.",
    )
    graceful_seconds: int = Field(
        1800, ge=1, description="How long a stopping server waits for requests in flight."
    )
    start_seconds: int = Field(
        10,
        ge=1,
        description="A server that ends sooner counts as a failed start; keep it above the "
        "model's load time.",
    )
    metrics_seconds: float = Field(
        60, gt=0, description="Period of the CloudWatch EMF lines on standard output."
    )
    cpu_threads: int = Field(
        0, ge=0, description="Threads of the CPU transcriber; 0 takes every core."
    )
    clock_curve: Literal["t4", "h200"] = Field(
        "t4", description="Step-cost curve of the clock engine."
    )
    clock_speed: float = Field(
        1.0, gt=0, description="Factor by which the clock engine runs faster than its curve."
    )

    @model_validator(mode="after")
    def _refuse_open_door(self) -> VoiceHostSettings:
        locked = self.locked  # reads all keys, so that a wrong one stops the start
        if not is_loopback(self.host) and not locked:
            raise ValueError(
                f"{PREFIX}HOST={self.host} would let anybody use the servers: set {PREFIX}KEYS or "
                f"{PREFIX}KEYS_FILE (python -m voicehost keys new NAME) or {PREFIX}KEYS_SECRET, or "
                "listen on 127.0.0.1"
            )
        if max(self.body_mib, self.text_body_mib) > self.memory_mib:
            raise ValueError(f"{PREFIX}BODY_MIB must not exceed {PREFIX}MEMORY_MIB")
        if self.key_items > self.queue_items:
            raise ValueError(f"{PREFIX}KEY_ITEMS must not exceed {PREFIX}QUEUE_ITEMS")
        return self

    @property
    def locked(self) -> bool:
        """Whether work calls need a key: never again without one, once a secret is named."""
        return bool(self.key_ring().keys) or self.has_secrets

    def key_ring(self) -> KeyRing:
        """The keys given by value or file. Raises ValueError when one cannot be read."""
        found: list[Key] = []
        try:
            found += parse_keys(self.keys)
            if self.keys_file is not None:
                found += parse_keys(self.keys_file.read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(f"{PREFIX}KEYS_FILE cannot be read: {error.strerror}") from error
        except KeyFormatError as error:
            raise ValueError(str(error)) from error
        return KeyRing(tuple(found))

    @property
    def threads(self) -> int:
        return self.requests_at_once + self.spare_threads

    @classmethod
    def from_env(cls) -> VoiceHostSettings:
        """Read the environment. Raises SettingsError for wrong values and unknown VOICE_ names."""
        known = {variable(name) for name in cls.model_fields}
        for name in os.environ:
            if name.startswith(PREFIX) and name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                raise SettingsError(
                    f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else ".")
                )
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("; ".join(_say(part) for part in error.errors())) from None


def variable(name: str) -> str:
    """The environment variable of a field."""
    plain = VoiceHostSettings.model_fields[name].validation_alias is not None
    return name.upper() if plain else PREFIX + name.upper()


def _say(part: Mapping[str, object]) -> str:
    where = part["loc"]
    message = str(part["msg"]).removeprefix("Value error, ")
    if not isinstance(where, tuple) or not where:
        return message
    name = str(where[0])
    return f"{name if name.isupper() else PREFIX + name.upper()}: {message}"
