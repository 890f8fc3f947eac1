"""The power stack: turns the GPU on when somebody needs it and off when nobody does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from config.capacity import CapacitySettings
from config.settings import Settings
from stacks.names import Naming
from stacks.parts.api_keys import ApiKeys
from stacks.parts.dead_letters import dead_letters
from stacks.parts.idle_alarms import IdleAlarms
from stacks.parts.place import Place
from stacks.parts.power_calls import PowerCalls
from stacks.parts.power_controller import PowerController
from stacks.parts.power_front import PowerFront
from stacks.parts.power_reach import PowerReach
from stacks.parts.power_rights import (
    accept_rights,
    looking_rights,
    rule_rights,
    slot_rights,
    spot_rights,
)
from stacks.parts.power_table import power_table
from stacks.parts.power_variables import policy, slot_names, week
from stacks.parts.results_bucket import ResultsBucket
from stacks.parts.sleep_door import SleepDoor
from stacks.parts.sleep_rules import SleepRules
from stacks.parts.slot import Slot
from stacks.parts.weekly_schedule import WeeklySchedule

# In the variables of the front, which makes no rule.
NO_GROUP = "none"


class PowerStack(cdk.Stack):
    """A swap changes nothing here: the controller reads the weights from the listener."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        env: cdk.Environment,
        naming: Naming,
        settings: Settings,
        place: Place,
        cluster: ecs.ICluster,
        listener: elbv2.IApplicationListener,
        balancer: str,
        slots: Mapping[str, Slot],
        capacities: Mapping[str, CapacitySettings],
        keys: ApiKeys,
        results: ResultsBucket,
        cors_origins: Sequence[str],
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id, env=env, description="GPU Voice: power")
        power = settings.power
        variables = {
            "POWER_ENVIRONMENT": naming.environment,
            "POWER_NAMESPACE": naming.namespace,
            "POWER_CLUSTER": cluster.cluster_name,
            "POWER_LISTENER": listener.listener_arn,
            "POWER_SLOTS": slot_names(slots, capacities, power.on_demand_price_per_hour),
            "POWER_POLICY": policy(power),
            "POWER_KEYS_SECRET": keys.named.secret_arn,
            "POWER_SERVICE_KEY_SECRET": keys.service.secret_arn,
            "POWER_KEYS_MINUTES": f"{settings.keys.refresh_minutes:g}",
            "POWER_CORS_ORIGINS": ",".join(cors_origins),
            "POWER_RESULTS_BUCKET": results.bucket.bucket_name,
            "POWER_RESULTS_URL_MINUTES": str(settings.results.url_minutes),
            "POWER_MOST_LEASE_HOURS": f"{power.most_lease_hours:g}",
            **week(power.schedule),
        }
        log_days = settings.servers.log_days
        table = power_table(self, "Memory")
        variables["POWER_TABLE"] = table.table_name
        queue = dead_letters(self, "DeadLetters")
        reach = PowerReach(
            self,
            "Reach",
            place=place,
            slots=slots,
            log_name=naming.logs("power-reach"),
            log_days=log_days,
            removal=removal,
        )
        front = PowerFront(
            self,
            "Front",
            variables={**variables, "POWER_SLEEP_GROUP": NO_GROUP},
            table=table,
            controller=naming.controller,
            keys=keys,
            results=results,
            log_name=naming.logs("power-front"),
            log_days=log_days,
            removal=removal,
        )
        door = SleepDoor(self, "Door", listener=listener, front=front.function)
        spot = [name for name, each in capacities.items() if each.purchase == "spot"]
        controller = PowerController(
            self,
            "Controller",
            name=naming.controller,
            variables={**variables, "POWER_SLEEP_GROUP": door.target_group.ref},
            rights=[
                *slot_rights(self, cluster, slots),
                *looking_rights(),
                *spot_rights(self, naming.environment, [slots[name] for name in spot]),
                *rule_rights(self, listener, balancer, naming.owner),
            ],
            table=table,
            reach=reach.function,
            keys=keys,
            queue=queue,
            log_name=naming.logs("power-controller"),
            log_days=log_days,
            removal=removal,
        )
        accept_rights(controller.function, cluster, slots, balancer)
        rules = SleepRules(
            self,
            "SleepRules",
            controller=controller.function,
            needs=[controller.function, reach, front, door, table],
        )
        for caller in (
            PowerCalls(
                self,
                "Calls",
                controller=controller,
                spot=bool(spot),
            ),
            IdleAlarms(
                self,
                "Idle",
                namespace=naming.namespace,
                idle_minutes=power.idle_minutes,
                controller=controller,
            ),
            WeeklySchedule(
                self, "Week", schedule=power.schedule, controller=controller, queue=queue
            ),
        ):
            caller.node.add_dependency(rules)
        self.dead_letters = queue
        for name, value in (
            ("ControllerName", naming.controller),
            ("FrontName", front.function.function_name),
            ("Table", table.table_name),
            ("DeadLettersUrl", queue.queue_url),
        ):
            cdk.CfnOutput(self, name, value=value)
