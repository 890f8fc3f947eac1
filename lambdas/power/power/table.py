"""The table: one small item for each thing remembered, read as a whole at each look.

An item has a `kind`, an `id`, its `body` as JSON text and, where it ends by itself, `expires` in
seconds since 1970. DynamoDB deletes ended items some time later; reading passes over them.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeVar

import boto3
from botocore.exceptions import ClientError

from power.aws.clients import asked
from power.aws.quick import QUICK
from power.collect import URGENT
from power.memory import KEPT_STARTS, Memory, MonthHours, Notice, PastStart
from power.model import Lease, SlotRecord, StopWish, Wish
from power.plain import from_plain, to_plain

log = logging.getLogger()

DAY = 86400.0
THE_ONE = "-"
Made = TypeVar("Made")


class DynamoStore:
    """Raises Unreachable when the table does not answer."""

    def __init__(self, name: str, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._table = boto3.resource("dynamodb", config=QUICK).Table(name)

    def read(self) -> Memory:
        now = self._clock()
        items = [item for item in self._scan() if not _ended(item, now)]
        found: dict[str, dict[str, str]] = {}
        for item in items:
            found.setdefault(str(item["kind"]), {})[str(item["id"])] = str(item.get("body", "{}"))
        starts = _all(PastStart, found.get("start", {}))
        return Memory(
            records=_each(SlotRecord, found.get("record", {})),
            wishes=_each(Wish, found.get("wish", {})),
            stop_wishes=_each(StopWish, found.get("stop wish", {})),
            leases=tuple(
                sorted(_all(Lease, found.get("lease", {})), key=lambda one: one.created_at)
            ),
            notices=tuple(_all(Notice, found.get("notice", {}))),
            starts=tuple(sorted(starts, key=lambda start: start.asked_at)[-KEPT_STARTS:]),
            hours=next(iter(_all(MonthHours, found.get("hours", {}))), MonthHours()),
            retired=THE_ONE in found.get("retired", {}),
        )

    def put_record(self, slot: str, record: SlotRecord) -> None:
        self._put("record", slot, to_plain(record))

    def put_wish(self, target: str, wish: Wish) -> None:
        self._put_newest("wish", target + URGENT if wish.urgent else target, wish, wish.at + DAY)

    def put_stop_wish(self, target: str, wish: StopWish) -> None:
        self._put_newest("stop wish", target, wish, wish.until)

    def knock(self, target: str, at: float, since: float) -> bool:
        """False when somebody has knocked after `since`: of many at once, one is the first."""
        return self._conditional(
            {**_item("knock", target, {}, at + DAY), "at": _number(at)},
            "attribute_not_exists(#at) OR #at <= :since",
            {"#at": "at"},
            {":since": _number(since)},
        )

    def put_lease(self, lease: Lease) -> None:
        self._put("lease", lease.id, to_plain(lease), lease.expires_at)

    def extend_lease(self, lease: Lease) -> bool:
        """False when it is no more: somebody released it meanwhile."""
        item = _item("lease", lease.id, to_plain(lease), lease.expires_at)
        return self._conditional(item, "attribute_exists(#id)", {"#id": "id"}, {})

    def drop_lease(self, lease_id: str) -> None:
        self._drop("lease", lease_id)

    def put_notice(self, notice: Notice) -> None:
        self._put("notice", notice.instance, to_plain(notice), notice.at + DAY)

    def drop_notice(self, instance: str) -> None:
        self._drop("notice", instance)

    def put_start(self, start: PastStart) -> None:
        """The oldest of more than KEPT_STARTS go."""
        self._put("start", f"{start.asked_at:015.3f} {start.slot}", to_plain(start))
        known = sorted(str(item["id"]) for item in self._scan() if item["kind"] == "start")
        for old in known[:-KEPT_STARTS]:
            self._drop("start", old)

    def put_hours(self, hours: MonthHours) -> None:
        self._put("hours", THE_ONE, to_plain(hours))

    def retire(self) -> None:
        self._put("retired", THE_ONE, {})

    def unretire(self) -> None:
        self._drop("retired", THE_ONE)

    def lock(self, owner: str, now: float, seconds: float) -> bool:
        return self._conditional(
            {"kind": "lock", "id": THE_ONE, "owner": owner, "until": _number(now + seconds)},
            "attribute_not_exists(#until) OR #until <= :value OR #owner = :owner",
            {"#until": "until", "#owner": "owner"},
            {":value": _number(now), ":owner": owner},
        )

    def unlock(self, owner: str) -> None:
        with asked("giving the lock back"):
            try:
                self._table.delete_item(
                    Key={"kind": "lock", "id": THE_ONE},
                    ConditionExpression="#owner = :owner",
                    ExpressionAttributeNames={"#owner": "owner"},
                    ExpressionAttributeValues={":owner": owner},
                )
            except ClientError as error:
                if not _condition_failed(error):
                    raise

    def _scan(self) -> Iterator[dict[str, Any]]:
        with asked("reading the table"):
            more: dict[str, Any] = {}
            while True:
                page = self._table.scan(ConsistentRead=True, **more)
                yield from page["Items"]
                if "LastEvaluatedKey" not in page:
                    return
                more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _put(self, kind: str, item_id: str, body: Any, expires: float | None = None) -> None:
        with asked(f"writing a {kind}"):
            self._table.put_item(Item=_item(kind, item_id, body, expires))

    def _put_newest(self, kind: str, item_id: str, wish: Wish | StopWish, expires: float) -> None:
        item = {**_item(kind, item_id, to_plain(wish), expires), "at": _number(wish.at)}
        self._conditional(
            item, "attribute_not_exists(#at) OR #at < :at", {"#at": "at"}, {":at": item["at"]}
        )

    def _conditional(
        self, item: dict[str, Any], condition: str, names: dict[str, str], values: dict[str, Any]
    ) -> bool:
        """Whether the condition held and the item is written."""
        given = {"ExpressionAttributeValues": values} if values else {}
        with asked(f"writing a {item['kind']}"):
            try:
                self._table.put_item(
                    Item=item,
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    **given,
                )
            except ClientError as error:
                if _condition_failed(error):
                    return False
                raise
        return True

    def _drop(self, kind: str, item_id: str) -> None:
        with asked(f"deleting a {kind}"):
            self._table.delete_item(Key={"kind": kind, "id": item_id})


def _item(kind: str, item_id: str, body: Any, expires: float | None) -> dict[str, Any]:
    item: dict[str, Any] = {"kind": kind, "id": item_id, "body": json.dumps(body)}
    if expires is not None:
        # DynamoDB reads whole seconds.
        item["expires"] = math.ceil(expires)
    return item


def _number(value: float) -> Decimal:
    return Decimal(f"{value:.3f}")


def _ended(item: dict[str, Any], now: float) -> bool:
    return "expires" in item and float(item["expires"]) <= now


def _condition_failed(error: ClientError) -> bool:
    return bool(error.response["Error"]["Code"] == "ConditionalCheckFailedException")


def _each(kind: type[Made], found: dict[str, str]) -> dict[str, Made]:
    """What another version wrote and this one cannot read is passed over: it ends no look."""
    made = {}
    for name, body in found.items():
        try:
            made[name] = from_plain(kind, json.loads(body))
        except ValueError:
            log.warning(json.dumps({"message": "not read", "kind": kind.__name__, "id": name}))
    return made


def _all(kind: type[Made], found: dict[str, str]) -> list[Made]:
    return list(_each(kind, found).values())
