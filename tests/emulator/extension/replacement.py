"""CloudFormation: what a change set says of replacement, by the resource's own specification.

The CDK CLI brings the specification of all types along. MiniStack knows some types and answers
"conditionally" for all others, so that `cdk diff` shows each change as a possible replacement.
"""

from __future__ import annotations

import gzip
import json
from functools import cache

from ministack.services.cloudformation import stacks

from tests.emulator.children import ROOT

SPECIFICATION = ROOT / "node_modules/aws-cdk/db.json.gz"
WORDS = {"yes": "Always", "maybe": "Conditionally"}
_plain = stacks._property_recreation


def install() -> None:
    stacks._property_recreation = _recreation


def _recreation(kind: str, name: str) -> str:
    plain: str = _plain(kind, name)
    if plain != "Conditionally":
        return plain
    known = _specification().get(kind)
    return plain if known is None else known.get(name, "Never")


@cache
def _specification() -> dict[str, dict[str, str]]:
    """For each type, the properties whose change replaces the resource."""
    if not SPECIFICATION.exists():
        return {}
    with gzip.open(SPECIFICATION) as file:
        entities = json.load(file)["schema"]["resource"]["entities"]
    return {
        entity["cloudFormationType"]: {
            name: WORDS[definition["causesReplacement"]]
            for name, definition in entity["properties"].items()
            if definition.get("causesReplacement") in WORDS
        }
        for entity in entities
    }
