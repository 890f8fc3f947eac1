"""Looking at a GPU that sleeps wakes nothing, and is answered.

The deployment is the true front function and controller (tests/e2e/console/cloud.py).
"""

from __future__ import annotations

from power.model import Lease
from tests import web
from tests.client.proxy.running import Proxied
from tests.client.proxy.sleeping import calls_of, later, phase, proxy_to
from tests.e2e.console.cloud import Cloud
from tests.patience import until
from tests.power.house import ALICE


def test_looking_wakes_nothing(cloud: Cloud, asleep: Proxied) -> None:
    for base in (asleep.speech, asleep.recognition):
        for path in ("/health", "/live", "/docs", "/favicon.ico", "/openapi.json"):
            answer = web.get(base + path, trust_env=False)
            assert answer.status_code == (200 if path == "/health" else 503)
    for path in ("/api/status", "/badge.svg", "/", "/api/power/status"):
        assert web.get(asleep.console + path, trust_env=False).status_code == 200
    assert cloud.look() == "off"
    assert cloud.house.store.read().wishes == {}


def test_asking_whether_it_is_ready_is_asking_for_it(cloud: Cloud, asleep: Proxied) -> None:
    answer = web.get(f"{asleep.speech}/ready", trust_env=False)
    assert (answer.status_code, answer.json()["state"]) == (503, "asleep")
    assert phase(cloud) == "starting"


def test_health_of_a_sleeping_gpu_has_the_fields_that_clients_read(
    cloud: Cloud, asleep: Proxied
) -> None:
    speech = web.get(f"{asleep.speech}/health", trust_env=False)
    assert speech.status_code == 200
    assert "Retry-After" not in speech.headers
    assert {
        "status": "ok", "model_loaded": False, "engine": "qwen3-tts", "device": None,
        "gpu_name": None, "speaker": "Aiden", "language": "English", "state": "asleep",
        "eta_seconds": None, "ready": False,
    }.items() <= speech.json().items()  # fmt: skip
    recognition = web.get(f"{asleep.recognition}/health", trust_env=False).json()
    assert (recognition["engine"], recognition["model_size"]) == ("whisperx", "large-v3")
    web.post(f"{asleep.console}/api/power/start", json={}, trust_env=False)
    cloud.look(5)
    started = web.get(f"{asleep.speech}/health", trust_env=False).json()
    assert started["state"] == "starting"
    assert started["eta_seconds"] > 60
    cloud.start()
    assert web.get(f"{asleep.speech}/health", trust_env=False).json()["model_loaded"] is True


def test_with_wake_health_a_health_check_wakes_it(cloud: Cloud) -> None:
    with proxy_to(cloud, wake="health") as proxied:
        assert web.get(f"{proxied.speech}/health", trust_env=False).status_code == 200
    assert phase(cloud) == "starting"


def test_with_wake_never_only_a_start_wakes_it(cloud: Cloud) -> None:
    with proxy_to(cloud, wake="never") as proxied:
        answer = web.post(f"{proxied.speech}/generate", json={"text": "x"}, trust_env=False)
        assert (answer.status_code, answer.json()["state"]) == (503, "asleep")
        assert "gpuvoice up" in answer.json()["error"]
        for path in ("/ready", "/health", "/docs"):
            web.get(f"{proxied.speech}{path}", trust_env=False)
        assert cloud.look() == "off"
        started = web.post(f"{proxied.speech}/power/start", json={}, trust_env=False)
        assert started.status_code == 202
        cloud.look(5)
        call = later(f"{proxied.speech}/generate", {"text": "x"})
        until(lambda: bool(calls_of(proxied)) and calls_of(proxied)[0]["state"] == "waiting")
        cloud.start()
        assert call.result().json()["success"] is True


def test_links_to_stored_results_are_signed_asleep(cloud: Cloud, asleep: Proxied) -> None:
    answer = web.post(f"{asleep.speech}/results/sign", json={"ids": []}, trust_env=False)
    assert answer.status_code in (400, 404, 503)
    assert cloud.look() == "off"


def test_the_key_is_in_no_answer(cloud: Cloud, asleep: Proxied) -> None:
    lease = Lease("1", "alice", "demo", cloud.house.clock.now, cloud.house.clock.now + 99)
    cloud.house.store.put_lease(lease)
    urls = [asleep.console + path for path in ("/api/status", "/", "/badge.svg", "/power/status")]
    urls += [asleep.speech + path for path in ("/health", "/docs", "/nothing", "/power/lease")]
    for url in urls:
        answer = web.get(url, trust_env=False)
        assert ALICE not in answer.text
        assert ALICE not in str(answer.headers)
