"""What callers and targets see of the load balancer in the emulated cloud, as AWS documents it."""

from __future__ import annotations

from tests.emulator.balanced import Stand, group
from tests.emulator.emulator import Emulator
from tests.emulator.stack import Stack

pytest_plugins = ["tests.emulator.fixture"]


def test_targets_learn_how_the_caller_came(stand: Stand) -> None:
    door = stand.door
    sent = door.get("/tts/a%20b?x=1", X_Forwarded_For="203.0.113.9").json()
    assert sent["path"] == "/tts/a%20b?x=1"
    headers = {name.lower(): value for name, value in sent.items()}
    assert headers["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["x-forwarded-port"] == "443"
    assert headers["host"] == door.host


def test_plain_http_is_redirected_and_other_paths_get_the_default(
    stand: Stand,
) -> None:
    door = stand.door
    moved = door.get_without_tls("/tts/health?x=1")
    assert (moved.status_code, moved.headers["Location"]) == (
        301,
        f"https://{door.host}:443/tts/health?x=1",
    )
    # Paths that MiniStack would answer itself on its own port.
    for path in ("/", "/health", "/_ministack/health"):
        answer = door.get(path)
        assert (answer.status_code, answer.json()) == (404, {"error": "nothing here"})
        assert "Server" not in answer.headers
    assert door.get("/health", Host="voice.example.com").status_code == 404


def test_a_group_without_targets_answers_503_with_the_load_balancers_page(
    cloud: Emulator, stand: Stand
) -> None:
    door, found = stand.door, stand.found
    elb = cloud.client("elbv2")
    health = elb.describe_target_health(TargetGroupArn=found["Blue"])
    (registered,) = [one["Target"] for one in health["TargetHealthDescriptions"]]
    # A second port of the same address is another target.
    second = {"Id": registered["Id"], "Port": registered["Port"] + 1}
    elb.register_targets(TargetGroupArn=found["Blue"], Targets=[second])
    health = elb.describe_target_health(TargetGroupArn=found["Blue"])
    assert len(health["TargetHealthDescriptions"]) == 2

    elb.deregister_targets(TargetGroupArn=found["Blue"], Targets=[second])
    assert door.get("/tts/health").status_code == 200
    elb.deregister_targets(TargetGroupArn=found["Blue"], Targets=[registered])
    answer = door.get("/tts/health")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html")


def test_the_full_name_of_a_group_is_what_metrics_carry(stack: Stack) -> None:
    found = stack.put(
        {"Blue": group()},
        Arn={"Ref": "Blue"},
        Name={"Fn::GetAtt": ["Blue", "TargetGroupFullName"]},
    )
    assert found["Name"].startswith("targetgroup/")
    assert found["Arn"].endswith(":" + found["Name"])
