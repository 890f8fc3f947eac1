"""`make deploy` and `make destroy` refuse, before they touch AWS, what AWS would refuse late."""

from __future__ import annotations

from pathlib import Path

import pytest
from moto import mock_aws

from operate import deploy
from operate.failures import CommandError


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


def test_the_domain_of_the_example_is_not_deployed() -> None:
    with pytest.raises(CommandError, match=r"config/dev\.yaml still has the example's front_door"):
        deploy.deploy("dev", force=False, approve=True)


def test_a_protected_load_balancer_is_not_destroyed() -> None:
    with pytest.raises(CommandError, match="deletion_protection is on"):
        deploy.destroy("prod", approve=True)


def test_a_destroy_asks_for_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: "yes")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        deploy.destroy("dev", approve=False)


def test_a_record_of_what_this_account_does_not_have_is_kept_and_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("GPUVOICE_RECORDS", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    record = tmp_path / "emulator.json"
    record.write_text("{}", encoding="utf-8")
    with mock_aws(), pytest.raises(CommandError, match="check AWS_PROFILE"):
        deploy.diff("emulator", force=False)
    assert record.exists()


def test_aws_out_of_reach_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(CommandError, match="AWS cannot be reached"):
        deploy.diff("emulator", force=False)


def test_missing_credentials_are_said_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CommandError, match="set AWS_PROFILE"):
        deploy.diff("emulator", force=False)
