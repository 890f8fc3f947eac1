"""The real processes with keys in secrets and results in a bucket, through an outage."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import httpx

from tests import web
from tests.patience import until
from tests.runtime.pretend_aws import BUCKET, PretendAws
from tests.runtime.raw_http import connect, read_all
from tests.servers import running_servers
from voicehost.keys import new_key

FROM_ELSEWHERE = {"X-Voice-Internal": "1", "X-Forwarded-For": "10.0.0.7"}
SETTINGS = {
    "VOICE_ENGINE": "clock",
    "VOICE_CLOCK_SPEED": "1000",
    "VOICE_KEYS_SECRET": "keys",
    "VOICE_SERVICE_KEY_SECRET": "service",
    "VOICE_SLOT": "blue",
    "VOICE_METRICS_SECONDS": "0.5",
    "VOICE_METRICS_NAMESPACE": "GpuVoice/test",
    "VOICE_RESULTS_BUCKET": BUCKET,
}


def say(url: str, clear: str, **more: Any) -> httpx.Response:
    body = {"texts": ["Good morning."], **more}
    return web.post(f"{url}/generate_batch", json=body, headers={"X-API-Key": clear}, timeout=30)


def test_both_servers_live_on_secrets_and_survive_their_outage(
    aws: PretendAws, tmp_path: Path
) -> None:
    (clear, digest), (minted, minted_digest), service = new_key(), new_key(), new_key()[0]
    aws.put("keys", {"alice": digest})
    aws.put("service", {"key": service})
    aws.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    with running_servers(tmp_path, SETTINGS) as running:
        assert say(running.tts, "wrong").status_code == 401
        answer = say(running.tts, clear, delivery="s3")
        assert (answer.status_code, answer.headers["X-Voice-Slot"]) == (200, "blue")
        with urllib.request.urlopen(answer.json()["results"][0]["url"], timeout=10) as stored:
            assert stored.read(4) == b"RIFF"
        aws.stop()
        assert say(running.tts, clear).status_code == 200
        for url in (running.tts, running.whisperx):
            assert web.get(f"{url}/ready").json()["ready"] is True
            headers = {**FROM_ELSEWHERE, "X-API-Key": service}
            assert web.get(f"{url}/internal/activity", headers=headers).status_code == 200
        aws.start()
        aws.put("keys", {"alice": digest, "bob": minted_digest})
        ids = {"ids": [answer.json()["results"][0]["id"]]}
        for key, status in ((clear, 200), (minted, 404), ("wrong", 401)):
            sign = f"{running.whisperx}/results/sign"
            assert web.post(sign, json=ids, headers={"X-API-Key": key}).status_code == status
        with connect(running.tts) as sock:
            sock.sendall(b"NONSENSE\r\n\r\n")
            assert b"X-Voice-Slot: blue\r\n" in read_all(sock)
        until(lambda: '"_aws"' in running.log.read_text(encoding="utf-8"))
        log = running.log.read_text(encoding="utf-8")
    for secret in (clear, minted, service, digest):
        assert secret not in log
    lines = [json.loads(line) for line in log.splitlines() if '"_aws"' in line]
    directive = lines[0]["_aws"]["CloudWatchMetrics"][0]
    assert directive["Namespace"] == "GpuVoice/test"
    assert directive["Dimensions"] == [["Slot", "Server"]]
    assert {line["Slot"] for line in lines} == {"blue"}
