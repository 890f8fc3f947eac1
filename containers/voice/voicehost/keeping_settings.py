"""The settings of what is kept, jobs and the audio store; `VoiceHostSettings` holds them with all
others."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from voicehost.comma_list import CommaList
from voicehost.hosts import host_and_port


class KeepingSettings(BaseSettings):
    data: Path | None = Field(
        None,
        description="Folder for jobs and the audio store. None given, and no bucket: there are "
        "neither. `run.sh` gives `data` in its own folder.",
    )
    jobs_days: int = Field(3, ge=1, le=365, description="Days that a job and its results are kept.")
    jobs_at_once: int = Field(
        4, ge=1, le=64, description="Jobs that a server works on at once; the others wait."
    )
    jobs_per_key: int = Field(
        16, ge=1, le=1000, description="Jobs that one key may have open; more are refused with 429."
    )
    jobs_mib: int = Field(
        2048, ge=1,
        description="Most that jobs keep on disk, in MiB; above it a job more is refused with 503.",
    )  # fmt: skip
    callback_hosts: CommaList = Field(
        (),
        description="Hosts that a job may call when it ends, separated by commas, as `host` or "
        "`host:port`. None given: jobs call nobody.",
    )
    store_days: int = Field(
        0, ge=0, le=365,
        description="Days that the audio store keeps a result, so that the same call costs no GPU. "
        "0 keeps nothing.",
    )  # fmt: skip
    store_mib: int = Field(
        4096, ge=1,
        description="Most that the audio store keeps on disk, in MiB; the oldest goes first.",
    )  # fmt: skip

    @field_validator("callback_hosts")
    @classmethod
    def _check_hosts(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for host in given:
            host_and_port(host)
        return given
