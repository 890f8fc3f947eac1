"""Jobs in a bucket, which two slots share."""

from __future__ import annotations

from typing import Any

import pytest

from tests.patience import until
from tests.runtime.held_voice import HeldVoice
from tests.runtime.job_servers import TEXTS, begun, ended, jobs_of, lines, look, post, serving
from tests.runtime.pretend_aws import BUCKET, REGION, PretendAws

STORED: dict[str, Any] = {"results_bucket": BUCKET, "aws_region": REGION}


@pytest.fixture
def bucket(aws: PretendAws) -> Any:
    where = {"LocationConstraint": REGION}
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    return aws.client("s3")


def names(bucket: Any) -> list[str]:
    return [one["Key"] for one in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_a_job_in_a_bucket_goes_on_after_a_restart(bucket: Any) -> None:
    voice = HeldVoice(held=True)
    voice.allow(*TEXTS[1:3])
    with serving(None, voice, slot="blue", **STORED) as app:
        path = begun(app.test_client())
        until(lambda: look(app.test_client(), path)["done"] == 2)
    voice = HeldVoice()
    with (
        serving(None, voice, slot="blue", **STORED) as blue,
        serving(None, slot="green", **STORED) as green,
    ):
        job = ended(blue.test_client(), path)
        assert job["done"] == 5
        until(lambda: jobs_of(blue).live() == [])
        assert look(green.test_client(), path) == job
        assert lines(green.test_client(), path) == lines(blue.test_client(), path)
        assert len(look(green.test_client(), "/jobs")["jobs"]) == 1
        assert all(name.startswith("jobs/") for name in names(bucket))
        assert not any(name.startswith("jobs/open/") for name in names(bucket))
        green.test_client().delete(path)
        assert names(bucket) == []
    assert sorted(voice.said) == sorted([TEXTS[0], *TEXTS[3:]])


def test_a_bucket_that_is_away_refuses_jobs_and_says_so(aws: PretendAws) -> None:
    with serving(None, **STORED) as app:
        response = post(app.test_client())
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        assert app.test_client().get("/jobs").status_code == 503
        assert BUCKET not in response.get_json()["error"]
