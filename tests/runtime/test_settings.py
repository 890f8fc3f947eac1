"""Settings come from the environment, and a wrong one says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicehost.keys import new_key
from voicehost.settings import SettingsError, VoiceHostSettings, is_loopback
from voicehost.settings_page import settings_page

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TTS_PORT", "WHISPERX_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_the_defaults_are_those_of_the_contract() -> None:
    settings = VoiceHostSettings.from_env()
    assert (settings.tts_port, settings.whisperx_port, settings.heartbeat_seconds) == (
        5000,
        5001,
        15,
    )


def test_values_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTS_PORT", "5900")
    monkeypatch.setenv("VOICE_CORS_ORIGINS", "https://a.example, https://b.example")
    settings = VoiceHostSettings.from_env()
    assert settings.tts_port == 5900
    assert settings.cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("VOICE_QUEUE_ITEMS", "many", "VOICE_QUEUE_ITEMS"),
        ("TTS_PORT", "70000", "TTS_PORT"),
        ("VOICE_TTS_PORT", "5999", "VOICE_TTS_PORT is not a setting"),
        ("VOICE_ENGINE", "gpu", "VOICE_ENGINE"),
        ("VOICE_QUEU_ITEMS", "3", "did you mean VOICE_QUEUE_ITEMS"),
        ("VOICE_HOST", "0.0.0.0", "VOICE_KEYS"),
        ("VOICE_HOST", "::", "VOICE_KEYS"),
        ("VOICE_KEYS", "alice=clear", "sha256:HEX"),
        ("VOICE_KEYS_FILE", "/no/such/file", "VOICE_KEYS_FILE"),
        ("VOICE_KEY_ITEMS", "100000", "VOICE_KEY_ITEMS"),
        ("VOICE_BODY_MIB", "100000", "VOICE_BODY_MIB"),
        ("VOICE_SLOT", "Blue", "VOICE_SLOT"),
        ("VOICE_SLOT", "blue\n", "VOICE_SLOT"),
        ("VOICE_SLOT", "", "VOICE_SLOT"),
        ("VOICE_RELEASE", "a b", "VOICE_RELEASE"),
        ("VOICE_METRICS_NAMESPACE", "a b", "VOICE_METRICS_NAMESPACE"),
        ("VOICE_KEYS_SECRET", "", "VOICE_KEYS_SECRET"),
        ("VOICE_SERVICE_KEY_SECRET", "", "VOICE_SERVICE_KEY_SECRET"),
        ("VOICE_KEYS_MINUTES", "0", "VOICE_KEYS_MINUTES"),
        ("VOICE_RESULTS_URL_MINUTES", "10081", "VOICE_RESULTS_URL_MINUTES"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=says):
        VoiceHostSettings.from_env()


def test_with_a_key_it_listens_anywhere_and_shows_no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    _, digest = new_key()
    monkeypatch.setenv("VOICE_HOST", "0.0.0.0")
    monkeypatch.setenv("VOICE_KEYS", f"alice={digest}")
    assert digest not in repr(VoiceHostSettings.from_env())


@pytest.mark.parametrize("name", ["VOICE_KEYS_SECRET", "VOICE_SERVICE_KEY_SECRET"])
def test_with_a_secret_it_listens_anywhere_and_is_never_open(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("VOICE_HOST", "0.0.0.0")
    monkeypatch.setenv(name, "arn:aws:secretsmanager:us-east-1:123456789012:secret:keys")
    assert VoiceHostSettings.from_env().locked


def test_the_region_is_read_where_boto3_does_not_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert VoiceHostSettings.from_env().aws_region == "eu-central-1"


def test_keys_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clear, digest = new_key()
    file = tmp_path / "keys.json"
    file.write_text(f'{{"alice": "{digest}"}}')
    monkeypatch.setenv("VOICE_KEYS_FILE", str(file))
    found = VoiceHostSettings.from_env().key_ring().find(clear)
    assert found is not None


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True), ("localhost", True),
     ("a.localhost", True), ("0.0.0.0", False), ("192.168.0.4", False), ("::", False),
     ("evil.example", False), ("127.0.0.1.evil.example", False), ("localhost.evil.example", False)],
)  # fmt: skip
def test_what_counts_as_this_machine(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_the_page_of_settings_is_up_to_date() -> None:
    assert (ROOT / "docs/configuration.md").read_text(encoding="utf-8").endswith(settings_page())


def test_each_setting_is_described() -> None:
    for name, field in VoiceHostSettings.model_fields.items():
        assert field.description, name
