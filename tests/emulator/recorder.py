"""A function that notes each event that it is given, as a template and as what it noted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.emulator.pieces import role

# It waits, fails and answers as the event says, or as the body of a request says; `calls` are made
# with its own role.
CODE = """
import json, os, time
import boto3

def handler(event, context):
    if "httpMethod" in event and event["body"] and not event["isBase64Encoded"]:
        asked = json.loads(event["body"])
        event = {**event, **asked} if isinstance(asked, dict) else event
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(json.dumps(event) + "\\n")
    time.sleep(event.get("sleep", 0))
    if event.get("fail"):
        raise RuntimeError(event["fail"])
    if event.get("environment"):
        return dict(os.environ)
    said = []
    for service, operation, given in event.get("calls", []):
        try:
            getattr(boto3.client(service), operation)(**given)
            said.append("ok")
        except Exception as error:
            said.append(str(error))
    answer = event.get("answer") or json.loads(os.environ.get("ANSWER", "null"))
    if "repeat" in event:
        answer["body"] *= event["repeat"]
    return said or answer
"""


class Recorder:
    """`resources` has the function as `Function` and its role as `Role`."""

    def __init__(self, folder: Path, *statements: dict[str, Any], **properties: Any) -> None:
        self._notes = folder / "notes"
        self._notes.touch()
        self.function: dict[str, Any] = {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": CODE},
                "Timeout": 120,
                "Environment": {"Variables": {"NOTES": str(self._notes)}},
                **properties,
            },
        }
        self._role = role("lambda.amazonaws.com", *statements)

    @property
    def resources(self) -> dict[str, Any]:
        return {"Function": self.function, "Role": self._role}

    def answers(self, answer: Any) -> None:
        """What it says to events that do not say it themselves; takes effect with the next put."""
        self.function["Properties"]["Environment"]["Variables"]["ANSWER"] = json.dumps(answer)

    def events(self) -> list[Any]:
        """All so far, in their order."""
        return [json.loads(line) for line in self._notes.read_text().splitlines()]


ARN = {"Fn::GetAtt": ["Function", "Arn"]}


def permission(principal: str, **source: Any) -> dict[str, Any]:
    """That a service may call it; `SourceArn` narrows it."""
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": ARN,
            "Action": "lambda:InvokeFunction",
            "Principal": principal,
            **source,
        },
    }
