"""Reports of verifications, in a bucket of the stack that keeps them for months."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from operate.cloud import Cloud, Deployed
from operate.failures import CommandError
from operate.verify.candidate import Candidate

OUTPUT = "ReportsBucket"
PREFIX = "verified"

Report = Mapping[str, Any]


def reports_bucket(deployed: Deployed) -> str:
    """Raises CommandError for a stack that was deployed before it had one."""
    try:
        return deployed.outputs[OUTPUT]
    except KeyError:
        raise CommandError(
            f"the deployed stack has no output {OUTPUT}: deploy this version once."
        ) from None


class Reports:
    """Objects `verified/TASK/TIME.json`; the newest comes last in their order."""

    def __init__(self, cloud: Cloud, deployed: Deployed) -> None:
        self.bucket = reports_bucket(deployed)
        self._client = cloud.client("s3")

    def keep(self, candidate: Candidate, report: Report) -> str:
        """Store a report; returns its address."""
        moment = datetime.fromisoformat(report["at"]).astimezone(UTC)
        key = f"{_folder(candidate.task)}{moment:%Y%m%dT%H%M%S%fZ}.json"
        body = json.dumps(report, indent=1).encode()
        self._client.put_object(
            Bucket=self.bucket, Key=key, Body=body, ContentType="application/json"
        )
        return f"s3://{self.bucket}/{key}"

    def newest(self, candidate: Candidate) -> Report | None:
        """The last one of this very image and task definition, passed or not."""
        every = self._newest_first(candidate.task)
        return next((each for each in every if each.get("image") == candidate.image), None)

    def record(self, task: str) -> Report | None:
        """The last that this task definition passed: what a newcomer is compared with."""
        every = self._newest_first(task)
        return next((each for each in every if each.get("passed") is True), None)

    def _newest_first(self, task: str) -> Iterator[Report]:
        pages = self._client.get_paginator("list_objects_v2")
        keys = [
            each["Key"]
            for page in pages.paginate(Bucket=self.bucket, Prefix=_folder(task))
            for each in page.get("Contents", [])
        ]
        for key in sorted(keys, reverse=True):
            try:
                found = json.load(self._client.get_object(Bucket=self.bucket, Key=key)["Body"])
            except ValueError:
                continue
            if isinstance(found, dict):
                yield found


def _folder(task: str) -> str:
    return f"{PREFIX}/{task}/"
