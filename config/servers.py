"""The container of one slot: both servers on one GPU."""

from __future__ import annotations

import difflib
from typing import Literal

from pydantic import Field, field_validator, model_validator

from config.section import Host, Origin, Section, SomeDays
from config.server_variables import SERVER_VARIABLES

# What the stacks write themselves, and the secret that run.sh makes at each start.
OURS = {
    "VOICE_ENGINE", "VOICE_HOST", "VOICE_CORS_ORIGINS", "VOICE_SLOT", "VOICE_RELEASE",
    "VOICE_KEYS", "VOICE_KEYS_FILE", "VOICE_KEYS_SECRET", "VOICE_SERVICE_KEY_SECRET",
    "VOICE_KEYS_MINUTES", "VOICE_RESULTS_BUCKET", "VOICE_RESULTS_URL_MINUTES",
    "VOICE_JOBS_DAYS", "VOICE_STORE_DAYS", "VOICE_CALLBACK_HOSTS", "VOICE_NEIGHBOUR_KEY",
    "VOICE_OPENAI_VOICES",
    "VOICE_METRICS_NAMESPACE", "VOICE_GRACEFUL_SECONDS", "VOICE_KEEP_ALIVE_SECONDS",
    "TTS_PORT", "WHISPERX_PORT",
}  # fmt: skip


class ServersSettings(Section):
    engine: Literal["cuda", "cpu", "clock"] = Field(
        "cuda", description="Engine family of both servers; `cuda` is the one for a GPU."
    )
    gpus: int = Field(1, ge=0, le=8, description="GPUs of the container; 0 for the CPU engines.")
    memory_mib: int = Field(
        14336,
        ge=1024,
        description="Memory of the container, in MiB: reserved, and its limit. g4dn.xlarge offers "
        "about 15,400.",
    )
    shared_memory_mib: int = Field(1024, ge=64, description="Size of `/dev/shm`, in MiB.")
    start_minutes: int = Field(
        20,
        ge=5,
        le=120,
        description="Longest time from a task's start until both models are warm; longer than "
        "pull and load together. Health checks count after it, and so does `unreachable`.",
    )
    graceful_minutes: int = Field(
        30, ge=1, le=60, description="How long a stopping task may finish its requests, in minutes."
    )
    cors_origins: tuple[Origin, ...] = Field(
        (),
        description="Origins whose pages may call the servers and fetch stored results, such as "
        "`https://slides.example.com`.",
    )
    callback_hosts: tuple[Host, ...] = Field(
        (),
        description="Hosts that the servers may tell of a finished job, such as "
        "`hooks.example.com`. None: callers ask for their jobs.",
    )
    openai_voices: dict[str, str] = Field(
        {},
        description="Voices for the names that OpenAI's clients know, as `alloy: Aiden`. Those "
        "not named speak as the server's own speaker.",
    )
    log_days: SomeDays = Field(30, description="Days to keep the servers' logs.")
    environment: dict[str, str] = Field(
        {},
        description="More settings of the servers, by their variable: `VOICE_BATCH_ROWS: '8'`. "
        "The list is in the second part of this page.",
    )

    @model_validator(mode="after")
    def _engine_has_its_gpu(self) -> ServersSettings:
        if (
            self.engine == "cuda"
            and not self.gpus
            and self.environment.get("VOICE_DEVICE") != "cpu"
        ):
            raise ValueError(
                "gpus: the engines `cuda` need one; set it to 1, or servers.engine to `cpu`"
            )
        return self

    @field_validator("openai_voices")
    @classmethod
    def _plain_names(cls, value: dict[str, str]) -> dict[str, str]:
        for name in (*value, *value.values()):
            # Those two separate the names in the servers' variable.
            if not name.strip() or "," in name or "=" in name:
                raise ValueError(f"{name!r} is no name of a voice")
        return value

    @field_validator("environment")
    @classmethod
    def _not_ours(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if name in OURS:
                raise ValueError(f"{name} is written by the stack; remove it")
            if name not in SERVER_VARIABLES:
                near = difflib.get_close_matches(name, SERVER_VARIABLES, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ValueError(f"{name} is no setting of the servers{hint}")
        return value
