"""What a setting adds to the bill of a stack with default settings."""

from __future__ import annotations

from gpuvoice.costs import prices as price
from gpuvoice.costs.parts import Part, always, running
from gpuvoice.costs.prices import HOURS_A_MONTH

ENDPOINTS, ZONES = 9, 2

WITHOUT_ADDRESS = Part("no address of the instance", price.IPV4, running(-1), "")
BY_SETTING: dict[str, tuple[Part, ...]] = {
    "`network.egress: nat` (one gateway with its address; 5 GB)": (
        Part("gateway", price.NAT_HOUR, always(HOURS_A_MONTH), ""),
        Part("address", price.IPV4, always(HOURS_A_MONTH), ""),
        Part("data", price.NAT_GB, always(5), ""),
        WITHOUT_ADDRESS,
    ),
    f"`network.egress: endpoints` ({ENDPOINTS} services in two zones; 5 GB)": (
        Part("hours", price.ENDPOINT_HOUR, always(ENDPOINTS * ZONES * HOURS_A_MONTH), ""),
        Part("data", price.ENDPOINT_GB, always(5), ""),
        WITHOUT_ADDRESS,
    ),
    "`network.flow_logs_days` (refused connections: 0.5 GB)": (
        Part("taken in", price.LOGS, always(0.5), ""),
        Part("kept", price.LOG_STORAGE, always(0.5), ""),
    ),
    "`front_door.waf_requests_per_5_minutes` (0.1 million requests)": (
        Part("list and rule", price.WAF, always(1), ""),
        Part("requests", price.WAF_REQUESTS, always(0.1), ""),
    ),
    "`front_door.internal` (the load balancer has no public addresses)": (
        Part("addresses", price.IPV4, always(-2 * HOURS_A_MONTH), ""),
    ),
}
