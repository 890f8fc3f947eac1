"""Blobs in a bucket do what those in a folder do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from tests.patience import until
from tests.runtime.diced_voice import DicedVoice
from tests.runtime.pretend_aws import BUCKET, REGION, PretendAws
from tests.runtime.stores import Open, opening
from voicehost.aws.bucket_blobs import BucketBlobs
from voicehost.blobs.disk import DiskBlobs
from voicehost.blobs.protocol import Blobs
from voicehost.errors import KeepingFailed

NAMES = ["jobs/a/1.json", "jobs/a/2.json", "jobs/b.json", "store/ab/1"]


@pytest.fixture
def bucket(aws: PretendAws) -> BucketBlobs:
    made = {"LocationConstraint": REGION}
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=made)
    return BucketBlobs(BUCKET, region=REGION)


@pytest.fixture(params=["bucket", "disk"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    found: Blobs = (
        request.getfixturevalue("bucket") if request.param == "bucket" else DiskBlobs(tmp_path)
    )
    return found


@pytest.fixture
def servers(bucket: BucketBlobs, tmp_path: Path) -> Iterator[Open]:
    with opening(tmp_path / "data") as make:
        yield make


def test_what_was_put_is_there_until_it_is_deleted(blobs: Blobs) -> None:
    assert blobs.get("jobs/1") is None
    blobs.put("jobs/1", b"one")
    blobs.put("jobs/1", b"\x00\xff")
    assert blobs.get("jobs/1") == b"\x00\xff"
    blobs.delete("jobs/1")
    blobs.delete("jobs/1")
    assert blobs.get("jobs/1") is None


def test_what_is_below_a_prefix_is_found_in_order(blobs: Blobs) -> None:
    for name in reversed(NAMES):
        blobs.put(name, b"x" * len(name))
    found = list(blobs.find("jobs/"))
    assert [each.name for each in found] == NAMES[:3]
    assert [each.size for each in found] == [len(name) for name in NAMES[:3]]
    for each in found:
        assert abs(datetime.now(UTC) - each.changed) < timedelta(hours=1)
    assert list(blobs.find("nothing/")) == []


@pytest.mark.parametrize("name", ["../keys", "/etc/hosts", "jobs//1", "", "jobs/.hidden", "a b"])
def test_a_name_that_leads_elsewhere_is_refused(blobs: Blobs, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        blobs.put(name, b"")
    with pytest.raises(ValueError, match="not a name"):
        blobs.get(name)
    with pytest.raises(ValueError, match="not a name"):
        blobs.delete(name)
    with pytest.raises(ValueError, match="not a name"):
        list(blobs.find(f"{name}/"))


def test_more_than_a_page_is_listed(bucket: BucketBlobs) -> None:
    names = [f"jobs/{number:04}" for number in range(1001)]
    # Over HTTP, as all else here, so many would take half a minute.
    inside = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for name in names:
        inside.put_object(BUCKET, name, b"")
    assert [found.name for found in bucket.find("jobs/")] == names


def test_a_bucket_that_is_not_there_is_a_failure(aws: PretendAws) -> None:
    missing = BucketBlobs("nobodys-bucket", region=REGION)
    with pytest.raises(KeepingFailed):
        missing.put("jobs/1", b"")
    with pytest.raises(KeepingFailed):
        missing.get("jobs/1")
    with pytest.raises(KeepingFailed):
        missing.delete("jobs/1")
    with pytest.raises(KeepingFailed):
        list(missing.find("jobs/"))


def test_a_clip_in_the_bucket_is_given_by_every_server(servers: Open, bucket: BucketBlobs) -> None:
    asked = {"texts": ["One.", "Two.", "Three."], "seed": 5}
    where = {"results_bucket": BUCKET, "aws_region": REGION, "data": None}
    first, second = DicedVoice(), DicedVoice()
    made = servers(first, **where).test_client().post("/generate_batch", json=asked).get_json()
    until(lambda: len(list(bucket.find("store/"))) == 3)
    client = servers(second, **where).test_client()
    second.spoken.clear()
    again = client.post("/generate_batch", json=asked).get_json()
    assert again["audios"] == made["audios"]
    assert [take["reused"] for take in again["takes"]] == [True] * 3
    assert second.spoken == []


def test_a_bucket_that_fails_costs_no_call(servers: Open, aws: PretendAws) -> None:
    voice = DicedVoice()
    app = servers(voice, results_bucket="nobodys-bucket", aws_region=REGION)
    for _ in range(2):
        answer = app.test_client().post("/generate", json={"text": "One.", "seed": 1})
        assert answer.status_code == 200
        assert answer.get_json()["reused"] is False
