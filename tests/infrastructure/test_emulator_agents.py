"""Container instances and their tasks in the emulated cloud, as AWS documents them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.emulator import Emulator
from tests.emulator.stack import Stack
from tests.emulator.voice_service import OUTPUTS, servers

pytest_plugins = ["tests.emulator.fixture"]

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


class Agent:
    """An instance of the stack's group; the test says what its agent would."""

    def __init__(self, cloud: Emulator, found: dict[str, str]) -> None:
        self.ecs, self.autoscaling = cloud.client("ecs"), cloud.client("autoscaling")
        self.found, self.named = found, {"cluster": found["Cluster"]}

    def size(self, count: int) -> None:
        name = self.found["Group"]
        self.autoscaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=count)

    def boot(self) -> str:
        """Gives the instance's id."""
        self.size(1)
        name = self.found["Group"]
        (found,) = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])[
            "AutoScalingGroups"
        ]
        return str(found["Instances"][0]["InstanceId"])

    def join(self, identity: str) -> str:
        document = json.dumps({"instanceId": identity})
        answer = self.ecs.register_container_instance(
            **self.named, instanceIdentityDocument=document
        )
        return str(answer["containerInstance"]["containerInstanceArn"])

    def service(self) -> Any:
        return self.ecs.describe_services(**self.named, services=[self.found["Service"]])[
            "services"
        ][0]

    def want(self, count: int) -> None:
        self.ecs.update_service(**self.named, service=self.found["Service"], desiredCount=count)

    def tasks(self, **by: str) -> list[Any]:
        arns = self.ecs.list_tasks(**self.named, **by)["taskArns"]
        return list(self.ecs.describe_tasks(**self.named, tasks=arns)["tasks"]) if arns else []

    def task(self, arn: str) -> Any:
        return self.ecs.describe_tasks(**self.named, tasks=[arn])["tasks"][0]

    def report(self, arn: str, status: str, **more: Any) -> None:
        self.ecs.submit_task_state_change(**self.named, task=arn, status=status, **more)

    def started(self) -> tuple[str, str]:
        """(container instance, task that runs on it)."""
        arn = self.join(self.boot())
        (task,) = self.tasks()
        self.report(task["taskArn"], "RUNNING")
        return arn, task["taskArn"]

    def drain(self, arn: str) -> None:
        self.ecs.update_container_instances_state(
            **self.named, containerInstances=[arn], status="DRAINING"
        )


@pytest.fixture
def agent(cloud: Emulator, stack: Stack) -> Agent:
    return Agent(cloud, stack.put(servers(), **OUTPUTS))


def test_a_service_waits_for_an_instance_and_says_so(agent: Agent) -> None:
    assert agent.tasks() == []
    service = agent.service()
    assert (service["desiredCount"], service["runningCount"], service["pendingCount"]) == (1, 0, 0)
    assert "unable to place a task" in service["events"][0]["message"]
    # An instance whose agent has not joined is none.
    identity = agent.boot()
    assert agent.tasks() == []
    arn = agent.join(identity)
    (task,) = agent.tasks(containerInstance=arn)
    assert (task["lastStatus"], task["containerInstanceArn"]) == ("PENDING", arn)
    assert not {"startedAt", "pullStartedAt"} & set(task)
    assert agent.service()["pendingCount"] == 1


def test_an_agents_reports_are_the_tasks_story(agent: Agent) -> None:
    agent.join(agent.boot())
    (task,) = agent.tasks()
    later = NOW.replace(second=50)
    agent.report(task["taskArn"], "PENDING", pullStartedAt=NOW)
    bindings = [{"containerPort": 5000, "hostPort": 34567, "bindIP": "0.0.0.0"}]
    container = {"containerName": "voice", "status": "RUNNING", "networkBindings": bindings}
    agent.report(task["taskArn"], "RUNNING", pullStoppedAt=later, containers=[container])
    running = agent.task(task["taskArn"])
    assert (running["pullStartedAt"], running["pullStoppedAt"]) == (NOW, later)
    assert running["lastStatus"] == "RUNNING"
    assert running["containers"][0]["networkBindings"] == bindings
    assert "startedAt" in running
    assert agent.service()["runningCount"] == 1


def test_a_task_has_stopped_when_its_agent_says_so(agent: Agent) -> None:
    _, arn = agent.started()
    agent.want(0)
    stopping = agent.task(arn)
    assert (stopping["desiredStatus"], stopping["lastStatus"]) == ("STOPPED", "DEACTIVATING")
    assert agent.service()["runningCount"] == 0
    # Its ports are still taken: nothing is placed beside it.
    agent.want(1)
    assert agent.tasks() == []
    agent.report(arn, "STOPPED", containers=[{"containerName": "voice", "exitCode": 0}])
    stopped = agent.task(arn)
    assert (stopped["lastStatus"], stopped["stopCode"]) == ("STOPPED", "ServiceSchedulerInitiated")
    assert stopped["containers"][0]["exitCode"] == 0
    assert len(agent.tasks()) == 1


def test_draining_stops_the_task_and_takes_no_other(agent: Agent) -> None:
    instance, arn = agent.started()
    agent.drain(instance)
    assert agent.task(arn)["desiredStatus"] == "STOPPED"
    agent.report(arn, "STOPPED")
    assert agent.tasks() == []
    agent.ecs.update_container_instances_state(
        **agent.named, containerInstances=[instance], status="ACTIVE"
    )
    assert len(agent.tasks()) == 1


def test_draining_keeps_as_many_tasks_as_the_service_must_have(
    cloud: Emulator, stack: Stack
) -> None:
    template = servers()
    careful = {"MinimumHealthyPercent": 100, "MaximumPercent": 200}
    template["Service"]["Properties"]["DeploymentConfiguration"] = careful
    agent = Agent(cloud, stack.put(template, **OUTPUTS))
    instance, arn = agent.started()
    agent.drain(instance)
    assert agent.task(arn)["desiredStatus"] == "RUNNING"
    # Without a wish for it there is nothing to keep.
    agent.want(0)
    assert agent.task(arn)["desiredStatus"] == "STOPPED"


def test_an_instance_that_ends_leaves_the_cluster_and_its_tasks_have_stopped(
    agent: Agent,
) -> None:
    instance, arn = agent.started()
    agent.size(0)
    stopped = agent.task(arn)
    assert (stopped["lastStatus"], stopped["desiredStatus"]) == ("STOPPED", "STOPPED")
    assert stopped["stoppedReason"].startswith("Host EC2 (instance i-")
    assert agent.ecs.list_container_instances(**agent.named)["containerInstanceArns"] == []
    (left,) = agent.ecs.describe_container_instances(**agent.named, containerInstances=[instance])[
        "containerInstances"
    ]
    assert (left["status"], left["agentConnected"]) == ("INACTIVE", False)
    assert agent.service()["desiredCount"] == 1


def test_an_agent_that_comes_back_is_the_same_container_instance(agent: Agent) -> None:
    identity = agent.boot()
    assert agent.join(identity) == agent.join(identity)
    listed = agent.ecs.list_container_instances(**agent.named, status="ACTIVE")
    assert len(listed["containerInstanceArns"]) == 1


def test_an_unknown_container_instance_is_a_failure_of_its_own(agent: Agent) -> None:
    answer = agent.ecs.describe_container_instances(**agent.named, containerInstances=["absent"])
    assert answer["containerInstances"] == []
    assert [one["reason"] for one in answer["failures"]] == ["MISSING"]


def test_a_task_with_another_definition_takes_the_place_of_the_old_one(
    agent: Agent, stack: Stack
) -> None:
    _, old = agent.started()
    stack.put(servers(VOICE_RELEASE="second"))
    assert agent.task(old)["desiredStatus"] == "STOPPED"
    agent.report(old, "STOPPED")
    (new,) = agent.tasks()
    assert new["taskDefinitionArn"] != agent.task(old)["taskDefinitionArn"]


def test_a_state_that_there_is_not_is_refused(agent: Agent) -> None:
    instance, _ = agent.started()
    with pytest.raises(ClientError, match="should be one of"):
        agent.ecs.update_container_instances_state(
            **agent.named, containerInstances=[instance], status="DEREGISTERING"
        )
