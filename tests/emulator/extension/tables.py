"""DynamoDB: tables in templates keep their expiry attribute and their backups."""

from __future__ import annotations

from ministack.services import dynamodb

from tests.emulator.extension.registry import Created, Properties, answer, handler, replace

TABLE = "AWS::DynamoDB::Table"
EXPIRY, BACKUPS = "TimeToLiveSpecification", "PointInTimeRecoverySpecification"


def install() -> None:
    create, update = handler(TABLE, "create"), handler(TABLE, "update")

    def created(logical_id: str, properties: Properties, stack: str) -> Created:
        name, attributes = create(logical_id, properties, stack)
        _keep(name, {}, properties)
        return name, attributes

    def updated(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Created:
        name, attributes = update(physical_id, old, new, stack, logical_id)
        _keep(name, old if name == physical_id else {}, new)
        return name, attributes

    replace(TABLE, create=created, update=updated)


def _keep(name: str, old: Properties, new: Properties) -> None:
    """MiniStack drops both, and tells a table without capacity that it has five units."""
    if new.get("BillingMode") == "PAY_PER_REQUEST":
        none = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
        dynamodb._tables[name]["ProvisionedThroughput"] = none
    if old.get(EXPIRY) != new.get(EXPIRY):
        wanted = dict(new.get(EXPIRY) or {**old[EXPIRY], "Enabled": False})
        wanted["Enabled"] = str(wanted.get("Enabled")).lower() == "true"
        answer(dynamodb._update_ttl({"TableName": name, EXPIRY: wanted}))
    if old.get(BACKUPS) != new.get(BACKUPS):
        on = str((new.get(BACKUPS) or {}).get("PointInTimeRecoveryEnabled", False)).lower()
        backups = {"PointInTimeRecoveryEnabled": on == "true"}
        answer(dynamodb._update_continuous_backups({"TableName": name, BACKUPS: backups}))
