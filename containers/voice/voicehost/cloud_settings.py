"""The settings that only a server in AWS has; `VoiceHostSettings` holds them with all others."""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings

Given = Annotated[str, Field(min_length=1)]


class CloudSettings(BaseSettings):
    slot: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}\z")] | None = Field(
        None,
        description="The slot that this server runs in (`blue`, `green`): in `/health`, as the "
        "header `X-Voice-Slot` of every answer, and as a dimension of the metrics.",
    )
    release: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}\z")] | None = Field(
        None, description="The release that this server is (an image's tag), shown in `/health`."
    )
    metrics_namespace: str = Field(
        "GPUVoice",
        pattern=r"^[A-Za-z0-9._/#:-]{1,255}\z",
        description="CloudWatch namespace of the metrics.",
    )
    aws_region: str | None = Field(
        None, validation_alias=AliasChoices("AWS_REGION", "aws_region"),
        description="Region of the secrets and the bucket. None given: boto3's own choice "
        "(`AWS_DEFAULT_REGION`, or its configuration file).",
    )  # fmt: skip
    keys_secret: Given | None = Field(
        None,
        description="Secrets Manager secret, by name or ARN, with the named keys in the form of "
        "the keys file. Fetched while the server runs; calls need a key even while it is empty.",
    )
    service_key_secret: Given | None = Field(
        None,
        description="Secret, by name or ARN, with the service key: `{\"key\": \"CLEAR TEXT\"}`. "
        "The current and the previous one are valid.",
    )  # fmt: skip
    keys_minutes: float = Field(
        5, gt=0, description="Minutes after which the keys of the secrets are fetched again."
    )
    results_bucket: Given | None = Field(
        None,
        description="S3 bucket for answers that are asked for with `\"delivery\": \"s3\"`; none "
        "given, such calls are refused.",
    )  # fmt: skip
    results_url_minutes: int = Field(
        720, ge=1, le=7 * 24 * 60,
        description="Minutes that a URL of a stored result works, at most: the session that signed "
        "it may end before.",
    )  # fmt: skip

    @property
    def has_secrets(self) -> bool:
        """Whether keys come from AWS while the server runs."""
        return self.keys_secret is not None or self.service_key_secret is not None
