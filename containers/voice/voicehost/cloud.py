"""The parts of a server that live in AWS, each only where its setting is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehost.blobs.disk import DiskBlobs
from voicehost.blobs.protocol import Blobs
from voicehost.key_store import KeySource
from voicehost.settings import VoiceHostSettings
from voicehost.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from voicehost.aws.results_bucket import ResultsBucket


def key_sources(settings: VoiceHostSettings) -> list[KeySource]:
    """Where keys are fetched from at run time. Nothing is asked yet."""
    if not settings.keys_secret and not settings.service_key_secret:
        return []
    from voicehost.aws.secrets import NamedKeys, Secret, ServiceKey

    region = settings.aws_region or None
    sources: list[KeySource] = []
    if settings.keys_secret:
        sources.append(NamedKeys(Secret(settings.keys_secret, region)))
    if settings.service_key_secret:
        sources.append(ServiceKey(Secret(settings.service_key_secret, region)))
    return sources


def results_bucket(settings: VoiceHostSettings, metrics: Metrics) -> ResultsBucket | None:
    """Where large answers are stored, if anywhere. Nothing is asked yet."""
    if not settings.results_bucket:
        return None
    from voicehost.aws.results_bucket import ResultsBucket

    return ResultsBucket(
        settings.results_bucket,
        settings.results_url_minutes,
        metrics=metrics,
        region=settings.aws_region or None,
    )


def blobs(settings: VoiceHostSettings) -> Blobs | None:
    """Where jobs and the audio store are kept: the bucket, else the folder, if either is given."""
    if settings.results_bucket:
        from voicehost.aws.bucket_blobs import BucketBlobs

        return BucketBlobs(settings.results_bucket, region=settings.aws_region or None)
    return None if settings.data is None else DiskBlobs(settings.data)
