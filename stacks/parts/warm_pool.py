"""One stopped instance that has pulled the image, ready to start."""

from __future__ import annotations

from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.reasons import accept_resource

# Half an hour holds the pull of 20 GB; then the instance is given up and another one is made.
PULL_SECONDS = 1800


class WarmPool(Construct):
    """The hook keeps an instance from being parked, or from serving, until its boot script says so.

    The script has the hook's name, `prepare`, in it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group: autoscaling.AutoScalingGroup,
        role: iam.IRole,
    ) -> None:
        super().__init__(scope, construct_id)
        hook = autoscaling.CfnLifecycleHook(
            self,
            "Prepare",
            auto_scaling_group_name=group.auto_scaling_group_name,
            lifecycle_hook_name="prepare",
            lifecycle_transition="autoscaling:EC2_INSTANCE_LAUNCHING",
            heartbeat_timeout=PULL_SECONDS,
            default_result="ABANDON",
        )
        # At most one instance, parked or serving: a minimum of 1 would park a second one, and ask
        # for the quota of two, as soon as the first one serves.
        pool = group.add_warm_pool(
            pool_state=autoscaling.PoolState.STOPPED, min_size=0, max_group_prepared_capacity=1
        )
        pool.node.add_dependency(hook)
        complete = iam.Policy(
            self,
            "Complete",
            roles=[role],
            statements=[
                iam.PolicyStatement(
                    actions=["autoscaling:CompleteLifecycleAction"],
                    resources=[group.auto_scaling_group_arn],
                )
            ],
        )
        accept_resource(
            complete,
            "A group's ARN has an id in it that only AWS knows; its name is given.",
            group.auto_scaling_group_arn,
        )
