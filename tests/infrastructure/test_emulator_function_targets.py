"""A function behind the load balancer in the emulated cloud, as AWS documents it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.balanced import BALANCER, forward, listener
from tests.emulator.door import Door
from tests.emulator.emulator import Emulator
from tests.emulator.recorder import ARN, Recorder, permission
from tests.emulator.stack import Stack, StackFailed

pytest_plugins = ["tests.emulator.fixture"]

MAY = permission("elasticloadbalancing.amazonaws.com")
FRONT = {
    "Type": f"{BALANCER}::TargetGroup",
    "DependsOn": "May",
    "Properties": {"TargetType": "lambda", "Targets": [{"Id": ARN}]},
}
ASLEEP = {
    "statusCode": 503,
    "statusDescription": "503 Service Unavailable",
    "headers": {"Content-Type": "application/json", "Retry-After": "60"},
    "body": '{"error": "The GPU is asleep."}',
}


def resources(recorder: Recorder) -> dict[str, Any]:
    return {
        **recorder.resources,
        "May": MAY,
        "Front": FRONT,
        "Door": {"Type": f"{BALANCER}::LoadBalancer", "Properties": {"Subnets": []}},
        "Tls": listener(443, "HTTPS", forward(Front=1)),
    }


class Front:
    """A load balancer with nothing but a function behind it."""

    def __init__(self, stack: Stack, recorder: Recorder, door: Door, group: str) -> None:
        self.stack, self.recorder, self.door, self.group = stack, recorder, door, group

    def says(self, answer: Any) -> None:
        self.recorder.answers(answer)
        self.stack.put(resources(self.recorder))


@pytest.fixture
def front(cloud: Emulator, stack: Stack, tmp_path: Path) -> Iterator[Front]:
    recorder = Recorder(tmp_path)
    recorder.answers(ASLEEP)
    found = stack.put(resources(recorder), Door={"Ref": "Door"}, Group={"Ref": "Front"})
    (balancer,) = cloud.client("elbv2").describe_load_balancers(LoadBalancerArns=[found["Door"]])[
        "LoadBalancers"
    ]
    with Door(cloud, balancer["DNSName"]) as door:
        yield Front(stack, recorder, door, found["Group"])


def test_the_function_gets_the_request_as_an_event(front: Front) -> None:
    front.door.post("/tts/generate%20x?a=1&a=%202", {"text": "Hé."}, X_API_Key="gv_1")
    (event,) = front.recorder.events()
    assert event["requestContext"] == {"elb": {"targetGroupArn": front.group}}
    assert event["httpMethod"] == "POST"
    # The last of equal parameters, as it was sent.
    assert event["queryStringParameters"] == {"a": "%202"}
    assert (event["body"], event["isBase64Encoded"]) == ('{"text":"Hé."}', False)
    assert event["path"] == "/tts/generate%20x"
    headers = event["headers"]
    assert (headers["x-api-key"], headers["x-forwarded-proto"]) == ("gv_1", "https")
    assert headers["host"] == front.door.host
    assert headers["x-forwarded-for"] == "127.0.0.1"


def test_a_body_that_is_no_text_comes_as_base64(front: Front) -> None:
    front.door.post("/", "a", Content_Type="audio/wav")
    (event,) = front.recorder.events()
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == b'"a"'


def test_the_functions_answer_is_the_callers(front: Front) -> None:
    answer = front.door.get("/tts/health")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"error": "The GPU is asleep."}
    (event,) = front.recorder.events()
    assert (event["body"], event["queryStringParameters"]) == ("", {})


def test_an_answer_in_base64_is_decoded(front: Front) -> None:
    body = base64.b64encode(b"\x89PNG").decode()
    front.says({"statusCode": 200, "body": body, "isBase64Encoded": True})
    assert front.door.get("/").content == b"\x89PNG"


@pytest.mark.parametrize(
    "answer",
    [
        "text",
        {"headers": {}, "body": "no status"},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "headers": ["no", "map"], "body": ""},
        {"statusCode": 200, "body": "%%%", "isBase64Encoded": True},
    ],
)
def test_an_answer_that_is_none_is_a_bad_gateway(front: Front, answer: Any) -> None:
    refused = front.door.post("/", {"answer": answer})
    assert (refused.status_code, refused.headers["Content-Type"]) == (502, "text/html")


def test_an_answer_of_more_than_a_megabyte_is_a_bad_gateway(front: Front) -> None:
    long = {"repeat": 1024 * 1024, "answer": {"statusCode": 200, "body": "a"}}
    assert front.door.post("/", {**long, "repeat": 1000}).status_code == 200
    assert front.door.post("/", long).status_code == 502


def test_more_than_a_megabyte_never_reaches_the_function(front: Front) -> None:
    # With the quotes around it, a megabyte.
    whole = "a" * (1024 * 1024 - 2)
    assert front.door.post("/", whole).status_code == 503
    refused = front.door.post("/", whole + "a")
    assert (refused.status_code, refused.headers["Content-Type"]) == (413, "text/html")
    assert len(front.recorder.events()) == 1


def test_a_function_that_may_not_be_called_is_no_target(
    cloud: Emulator, stack: Stack, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path)
    without = {**FRONT, "DependsOn": []}
    with pytest.raises(StackFailed, match="does not have permission to invoke"):
        stack.put({**recorder.resources, "Front": without})


def test_the_permission_counts_for_each_request(front: Front) -> None:
    assert front.door.get("/").status_code == 503
    elsewhere = permission("elasticloadbalancing.amazonaws.com", SourceArn=f"{front.group}-other")
    front.stack.put({**resources(front.recorder), "May": elsewhere})
    assert front.door.get("/").status_code == 502
