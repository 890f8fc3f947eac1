"""Auto Scaling: the live size of a group survives updates, and warm pools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import autoscaling

from tests.emulator.extension.registry import Created, Properties, define, handler, replace

GROUP = "AWS::AutoScaling::AutoScalingGroup"
_pools = AccountRegionScopedDict()  # group name -> what PutWarmPool was given
SIZES = ("MinSize", "MaxGroupPreparedCapacity")


def install() -> None:
    create, update = handler(GROUP, "create"), handler(GROUP, "update")

    def created(logical_id: str, properties: Properties, stack: str) -> Created:
        name, attributes = create(logical_id, properties, stack)
        autoscaling._reconcile_instances(autoscaling._asgs[name])
        return name, attributes

    def updated(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Created:
        """A template without DesiredCapacity leaves the live one alone, within the new bounds."""
        live = autoscaling._asgs.get(physical_id, {}).get("DesiredCapacity")
        made, attributes = update(physical_id, old, new, stack, logical_id)
        group = autoscaling._asgs[made]
        if "DesiredCapacity" not in new and live is not None:
            group["DesiredCapacity"] = min(max(live, group["MinSize"]), group["MaxSize"])
        autoscaling._reconcile_instances(group)
        return made, attributes

    replace(GROUP, create=created, update=updated)
    define("AWS::AutoScaling::WarmPool", create=_put_pool, update=_update_pool, delete=_drop_pool)
    autoscaling._ACTION_MAP["PutWarmPool"] = _put_warm_pool
    autoscaling._ACTION_MAP["DescribeWarmPool"] = _describe_warm_pool
    autoscaling._ACTION_MAP["DeleteWarmPool"] = _delete_warm_pool


def _put_pool(logical_id: str, properties: Properties, stack: str) -> Created:
    """Ref is the group's name (aws-resource-autoscaling-warmpool)."""
    group: str = properties["AutoScalingGroupName"]
    _require(group)
    reuse = properties.get("InstanceReusePolicy") or {}
    _pools[group] = {
        "PoolState": properties.get("PoolState", "Stopped"),
        "ReuseOnScaleIn": str(reuse.get("ReuseOnScaleIn", False)).lower(),
        **{size: int(properties[size]) for size in SIZES if size in properties},
    }
    return group, {}


def _update_pool(
    physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
) -> Created:
    if old.get("AutoScalingGroupName") != new.get("AutoScalingGroupName"):
        _pools.pop(physical_id, None)
    return _put_pool(logical_id, new, stack)


def _drop_pool(physical_id: str, properties: Properties) -> None:
    _pools.pop(physical_id, None)


def _put_warm_pool(params: Mapping[str, Any]) -> Any:
    given = {name: autoscaling._p(params, name) for name in ("PoolState", *SIZES)}
    properties = {name: value for name, value in given.items() if value}
    group = autoscaling._p(params, "AutoScalingGroupName")
    if group not in autoscaling._asgs:
        return autoscaling._error("ValidationError", f"AutoScalingGroup {group} not found")
    _put_pool("", {**properties, "AutoScalingGroupName": group}, "")
    return autoscaling._xml(200, "PutWarmPoolResponse", "<PutWarmPoolResult/>")


def _describe_warm_pool(params: Mapping[str, Any]) -> Any:
    """The configuration; no instance ever parks here."""
    pool = _pools.get(autoscaling._p(params, "AutoScalingGroupName"))
    inner = ""
    if pool:
        sizes = "".join(f"<{size}>{pool[size]}</{size}>" for size in SIZES if size in pool)
        inner = (
            f"<WarmPoolConfiguration>{sizes}<PoolState>{pool['PoolState']}</PoolState>"
            f"<InstanceReusePolicy><ReuseOnScaleIn>{pool['ReuseOnScaleIn']}</ReuseOnScaleIn>"
            "</InstanceReusePolicy></WarmPoolConfiguration>"
        )
    inner = f"<DescribeWarmPoolResult>{inner}<Instances/></DescribeWarmPoolResult>"
    return autoscaling._xml(200, "DescribeWarmPoolResponse", inner)


def _delete_warm_pool(params: Mapping[str, Any]) -> Any:
    _pools.pop(autoscaling._p(params, "AutoScalingGroupName"), None)
    return autoscaling._xml(200, "DeleteWarmPoolResponse", "<DeleteWarmPoolResult/>")


def _require(group: str) -> None:
    if group not in autoscaling._asgs:
        raise ValueError(f"AutoScalingGroup {group} not found")
