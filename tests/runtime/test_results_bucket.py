"""Where URLs lead, and that botocore still tells when a session ends."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.credentials import Credentials, DeferredRefreshableCredentials, RefreshableCredentials
from botocore.stub import Stubber

from voicehost.aws.results_bucket import ResultsBucket, credentials_end
from voicehost.errors import ResultsUnavailable
from voicehost.telemetry.metrics import Metrics

END = datetime(2100, 1, 1, tzinfo=UTC)
RESULT_ID = "a" * 32 + "/" + "b" * 32 + "/0.wav"


def session_data(end: datetime = END) -> dict[str, str]:
    return {"access_key": "a", "secret_key": "b", "token": "c", "expiry_time": end.isoformat()}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")


def signed_host(region: str) -> str:
    bucket = ResultsBucket("results", 10, metrics=Metrics("t", out=io.StringIO()), region=region)
    try:
        return urlsplit(bucket.sign([RESULT_ID], [1])[0].url).netloc
    finally:
        bucket.close()


def test_an_object_that_is_gone_has_no_size_and_a_refusal_is_not_taken_for_one() -> None:
    bucket = ResultsBucket(
        "results", 10, metrics=Metrics("t", out=io.StringIO()), region="us-east-1"
    )
    with Stubber(bucket._client()) as said:
        said.add_client_error("head_object", "404", http_status_code=404)
        assert bucket.sizes([RESULT_ID]) == [None]
        said.add_client_error("head_object", "403", http_status_code=403)
        with pytest.raises(ResultsUnavailable):
            bucket.sizes([RESULT_ID])
    bucket.close()


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "results.s3.amazonaws.com"),
        ("eu-central-1", "results.s3.eu-central-1.amazonaws.com"),
        ("cn-north-1", "results.s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_url_leads_to_the_bucket_in_its_own_region(region: str, host: str) -> None:
    assert signed_host(region) == host


@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost:4566", "cloud.example"])
def test_at_an_emulator_the_bucket_is_in_the_path(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://{host}")
    assert signed_host("eu-central-1") == host


def test_the_end_of_a_session_is_read_whatever_kind_it_is() -> None:
    refreshable = RefreshableCredentials.create_from_metadata(session_data(), session_data, "test")
    deferred = DeferredRefreshableCredentials(session_data, "test")
    assert credentials_end(refreshable) == END
    assert credentials_end(deferred) == END
    assert credentials_end(Credentials("a", "b")) is None
    assert credentials_end(None) is None


def test_a_session_about_to_end_is_renewed_first() -> None:
    soon = session_data(datetime.now(UTC) + timedelta(minutes=1))
    ending = RefreshableCredentials.create_from_metadata(soon, session_data, "test")
    assert credentials_end(ending) == END


def test_the_credentials_asked_are_those_that_sign() -> None:
    session = boto3.session.Session(region_name="eu-central-1")
    assert session.client("s3")._get_credentials() is session.get_credentials()
