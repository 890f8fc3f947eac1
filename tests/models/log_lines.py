"""What a server's log says."""

from __future__ import annotations

import json
from pathlib import Path

from tests.patience import until


def frames_waited(log: Path, request_id: str) -> int:
    """Steps that the engine made while this request was in the queue."""
    found: list[int] = []

    def written() -> bool:
        for line in log.read_text(encoding="utf-8").splitlines():
            if f'"request_id": "{request_id}"' in line and '"queue_steps"' in line:
                found.append(json.loads(line)["queue_steps"])
        return bool(found)

    until(written)
    return found[0]


def metric(log: Path, name: str) -> list[float]:
    """All values of a metric so far; a gauge's one by one."""
    values: list[float] = []
    for line in log.read_text(encoding="utf-8").splitlines():
        if '"_aws"' in line and f'"{name}": ' in line:
            value = json.loads(line).get(name, [])
            values += value if isinstance(value, list) else [value]
    return values
