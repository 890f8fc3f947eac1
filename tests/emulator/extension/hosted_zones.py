"""Route 53: a zone that the account has before anything is deployed, with an id that is known."""

from __future__ import annotations

from ministack.services import route53


def have(zone_id: str, name: str) -> None:
    """A zone's id is AWS's choice; settings name one that exists already."""
    body = (
        f'<CreateHostedZoneRequest xmlns="{route53.NS}"><Name>{name}</Name>'
        f"<CallerReference>{zone_id}</CallerReference></CreateHostedZoneRequest>"
    )
    chosen, route53._zone_id = route53._zone_id, lambda: zone_id
    try:
        status, _, answer = route53._create_hosted_zone(body.encode(), {})
    finally:
        route53._zone_id = chosen
    if status != 201:
        raise ValueError(str(answer))
