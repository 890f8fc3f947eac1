"""Lambda in the emulated cloud, as AWS documents it."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.emulator import Emulator
from tests.emulator.pieces import allow, role
from tests.emulator.recorder import ARN, Recorder
from tests.emulator.stack import Stack
from tests.patience import until

pytest_plugins = ["tests.emulator.fixture"]

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}}
QUEUE_ARN = {"Fn::GetAtt": ["Queue", "Arn"]}
LETTERS = {"TargetArn": QUEUE_ARN}
SEND = allow(QUEUE_ARN, "sqs:SendMessage")


def retries(count: int) -> dict[str, Any]:
    properties = {
        "FunctionName": {"Ref": "Function"},
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": count,
        "MaximumEventAgeInSeconds": 60,
    }
    return {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": properties}


def send(cloud: Emulator, name: str, event: Any) -> None:
    cloud.client("lambda").invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps(event)
    )


def ask(cloud: Emulator, name: str, event: Any) -> Any:
    answer = cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())


def letters(cloud: Emulator, queue: str) -> list[Any]:
    """Waits for one."""
    answer = cloud.client("sqs").receive_message(
        QueueUrl=queue, WaitTimeSeconds=10, MessageAttributeNames=["All"]
    )
    return list(answer.get("Messages", []))


def test_an_event_that_fails_is_tried_again_and_ends_as_a_dead_letter(
    cloud: Emulator, stack: Stack, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path, SEND, DeadLetterConfig=LETTERS)
    template = {**recorder.resources, "Queue": QUEUE, "Retries": retries(1)}
    found = stack.put(template, Name={"Ref": "Function"}, Queue={"Ref": "Queue"})
    event = {"fail": "It is broken."}
    send(cloud, found["Name"], event)
    (letter,) = letters(cloud, found["Queue"])
    assert json.loads(letter["Body"]) == event
    assert "broken" in letter["MessageAttributes"]["ErrorMessage"]["StringValue"]
    assert recorder.events() == [event, event]
    configured = cloud.client("lambda").get_function_event_invoke_config(FunctionName=found["Name"])
    assert configured["MaximumRetryAttempts"] == 1


def test_a_dead_letter_needs_the_roles_permission(
    cloud: Emulator, stack: Stack, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path, DeadLetterConfig=LETTERS)
    template = {**recorder.resources, "Queue": QUEUE, "Retries": retries(0)}
    found = stack.put(template, Name={"Ref": "Function"}, Queue={"Ref": "Queue"})
    send(cloud, found["Name"], {"fail": "It is broken."})
    until(lambda: "could not be delivered" in cloud.log.read_text())
    answer = cloud.client("sqs").receive_message(QueueUrl=found["Queue"])
    assert "Messages" not in answer


def test_an_invocation_that_is_killed_is_tried_again(
    cloud: Emulator, stack: Stack, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path)
    template = {**recorder.resources, "Retries": retries(1)}
    name = stack.put(template, Name={"Ref": "Function"})["Name"]
    send(cloud, name, {"sleep": 60})
    until(lambda: len(recorder.events()) == 1)
    assert cloud.kill_function(name) == 1
    until(lambda: len(recorder.events()) == 2)
    assert cloud.kill_function(name) == 1


def test_invocations_run_beside_each_other(cloud: Emulator, stack: Stack, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    name = stack.put(recorder.resources, Name={"Ref": "Function"})["Name"]
    callers = [threading.Thread(target=send, args=(cloud, name, {"sleep": 60})) for _ in range(3)]
    for caller in callers:
        caller.start()
    until(lambda: len(recorder.events()) == 3)
    for caller in callers:
        caller.join()
    assert cloud.kill_function(name) == 3


def test_one_function_calls_another_as_far_as_its_role_goes(
    cloud: Emulator, stack: Stack, tmp_path: Path
) -> None:
    other = Recorder(tmp_path)
    own = role("lambda.amazonaws.com", allow(ARN, "lambda:InvokeFunction"))
    its = {**other.function["Properties"], "Role": {"Fn::GetAtt": ["CallerRole", "Arn"]}}
    caller = {**other.function, "Properties": its}
    found = stack.put(
        {**other.resources, "CallerRole": own, "Caller": caller},
        Other={"Ref": "Function"},
        Caller={"Ref": "Caller"},
    )
    call = {"FunctionName": found["Other"], "InvocationType": "Event", "Payload": '{"seen": 1}'}
    itself = {**call, "FunctionName": found["Caller"]}
    said = ask(
        cloud,
        found["Caller"],
        {"calls": [["lambda", "invoke", call], ["lambda", "invoke", itself]]},
    )
    assert said[0] == "ok"
    assert "not authorized to perform: lambda:InvokeFunction" in said[1]
    until(lambda: {"seen": 1} in other.events())


def test_a_function_keeps_its_place_and_its_queue_through_an_update(
    cloud: Emulator, stack: Stack, tmp_path: Path
) -> None:
    place = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    recorder = Recorder(tmp_path, SEND, DeadLetterConfig=LETTERS, VpcConfig=place)
    template = {**recorder.resources, "Queue": QUEUE}
    name = stack.put(template, Name={"Ref": "Function"})["Name"]

    def configuration() -> Any:
        return cloud.client("lambda").get_function_configuration(FunctionName=name)

    assert configuration()["VpcConfig"]["SubnetIds"] == ["subnet-1"]
    assert configuration()["DeadLetterConfig"]["TargetArn"].startswith("arn:aws:sqs:")
    recorder.function["Properties"]["Timeout"] = 60
    stack.put(template)
    assert configuration()["VpcConfig"]["SecurityGroupIds"] == ["sg-1"]
    del recorder.function["Properties"]["DeadLetterConfig"]
    stack.put(template)
    assert "DeadLetterConfig" not in configuration()


def test_a_function_sees_nothing_of_this_machines_environment(
    cloud: Emulator, stack: Stack, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path)
    name = stack.put(recorder.resources, Name={"Ref": "Function"})["Name"]
    seen = ask(cloud, name, {"environment": True})
    assert not {"PYTHONPATH", "GATEWAY_PORT", "STATE_DIR", "PWD"} & set(seen)
    assert seen["AWS_REGION"] == "us-east-1"
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert seen["AWS_ACCESS_KEY_ID"] != cloud.environment["AWS_ACCESS_KEY_ID"]


ANSWERS = """
import json, urllib.request

def handler(event, context):
    name = event["ResourceProperties"]["Folder"] + "/" + event["RequestType"]
    open(name, "w").close()
    if event["ResourceProperties"].get("Refuses") == event["RequestType"]:
        status = {"Status": "FAILED", "Reason": "Something of ours is in the way."}
    else:
        status = {"Status": "SUCCESS"}
    told = {k: event[k] for k in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps({**status, **told, "PhysicalResourceId": "own", "Data": {"Word": "yes"}})
    request = urllib.request.Request(
        event["ResponseURL"], body.encode(), {"Content-Type": ""}, method="PUT"
    )
    urllib.request.urlopen(request, timeout=20)
"""


def test_a_function_answers_for_a_custom_resource_without_boto3(
    stack: Stack, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path, Code={"ZipFile": ANSWERS})
    own = {
        "Type": "Custom::Own",
        "Properties": {"ServiceToken": ARN, "Folder": str(tmp_path), "Rank": 1},
    }
    found = stack.put(
        {**recorder.resources, "Own": own},
        Name={"Ref": "Own"},
        Word={"Fn::GetAtt": ["Own", "Word"]},
    )
    assert found == {"Name": "own", "Word": "yes"}
    own["Properties"] = {**own["Properties"], "Rank": 2}  # type: ignore[dict-item]
    stack.put({**recorder.resources, "Own": own})
    stack.delete()
    done = {file.name for file in tmp_path.iterdir()}
    assert {"Create", "Update", "Delete"} <= done


def test_a_custom_resource_that_refuses_fails_the_stack(stack: Stack, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, Code={"ZipFile": ANSWERS})
    properties = {"ServiceToken": ARN, "Folder": str(tmp_path), "Refuses": "Create"}
    own = {"Type": "Custom::Own", "Properties": properties}
    with pytest.raises(Exception, match="in the way"):
        stack.put({**recorder.resources, "Own": own})
