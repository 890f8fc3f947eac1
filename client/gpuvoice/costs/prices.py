"""Unit prices of AWS and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Region = Literal["us-east-1", "eu-central-1"]
REGIONS: tuple[Region, Region] = ("us-east-1", "eu-central-1")
HOURS_A_MONTH = 730

SOURCES = {
    "L": "AWS's price list of 19 January 2026, as Karpenter keeps it "
    "(`zz_generated.pricing_aws.go`)",
    "C": "AWS's price and Spot interfaces as the SkyPilot catalog keeps them "
    "(`catalogs/v8/aws/vms.csv`, commit `00148f2`, 2026); Spot is the mean of the region's zones "
    "at that moment",
    "P": "AWS's announcement: public IPv4 addresses, 1 February 2024",
    "G": "figures that others published in 2025 and 2026 with AWS's page as their source: on "
    "CloudWatch FactualMinds, SigNoz and CloudBurn; on the rest open cost sheets on GitHub",
    "B": "answers of AWS's price interface and bills for Frankfurt that others published in 2025 "
    "and 2026; gp3 and IPv4 of 26 August 2026",
    "?": "**not checked**: AWS's list from memory. Look at the service's pricing page first",
}


@dataclass(frozen=True)
class Price:
    """US dollars a unit in both regions; `sources` are letters of SOURCES, one a region."""

    what: str
    unit: str
    us_east_1: float
    eu_central_1: float
    sources: tuple[str, str]

    def of(self, region: Region) -> float:
        return self.us_east_1 if region == "us-east-1" else self.eu_central_1


@dataclass(frozen=True)
class Instance:
    """One GPU instance type: what an hour costs."""

    name: str
    on_demand: Price
    spot: Price


def _instance(
    name: str, on_demand: tuple[float, float], spot: tuple[float, float]
) -> Instance:  # fmt: skip
    return Instance(
        name,
        Price(f"{name}, on demand", "hour", *on_demand, ("L", "C")),
        Price(f"{name}, Spot", "hour", *spot, ("C", "C")),
    )


G4DN = _instance("g4dn.xlarge", (0.526, 0.658), (0.205, 0.269))
G5 = _instance("g5.xlarge", (1.006, 1.258), (0.435, 0.625))
G6 = _instance("g6.xlarge", (0.8048, 1.0064), (0.379, 0.441))
INSTANCES = (G4DN, G5, G6)

ALB_HOUR = Price("load balancer", "hour", 0.0225, 0.027, ("G", "B"))
LCU = Price("load balancer, traffic", "LCU-hour", 0.008, 0.008, ("G", "?"))
IPV4 = Price("public IPv4 address", "hour", 0.005, 0.005, ("P", "B"))
GP3_GB = Price("gp3 disk", "GB-month", 0.08, 0.0952, ("G", "B"))
GP3_MB_S = Price("gp3 throughput above 125 MB/s", "MB/s-month", 0.040, 0.0476, ("G", "B"))
SNAPSHOT = Price("snapshot", "GB-month", 0.05, 0.054, ("?", "B"))
SECRET = Price("secret", "month", 0.40, 0.40, ("G", "B"))
SECRET_CALLS = Price("secret reads", "10,000", 0.05, 0.05, ("G", "?"))
METRIC = Price("metric of one's own", "month, by the hour", 0.30, 0.30, ("G", "?"))
METRIC_READS = Price("metrics read", "1,000", 0.01, 0.01, ("?", "?"))
ALARM = Price("alarm", "metric and month", 0.10, 0.10, ("G", "?"))
COMPOSITE = Price("composite alarm", "month", 0.50, 0.50, ("G", "?"))
DASHBOARD = Price("dashboard", "month", 3.00, 3.00, ("G", "?"))
LOGS = Price("logs, taken in", "GB", 0.50, 0.63, ("G", "B"))
LOG_STORAGE = Price("logs, kept", "GB-month", 0.03, 0.0324, ("?", "?"))
S3 = Price("S3 standard", "GB-month", 0.023, 0.0245, ("G", "?"))
ECR = Price("ECR", "GB-month", 0.10, 0.10, ("G", "?"))
ZONE = Price("hosted zone", "month", 0.50, 0.50, ("G", "B"))
DATA_OUT = Price("data to the internet", "GB", 0.09, 0.09, ("G", "B"))
LAMBDA_TIME = Price("Lambda, Arm", "10,000 GB-s", 0.1333, 0.1333, ("?", "?"))
LAMBDA_CALLS = Price("Lambda calls", "million", 0.20, 0.20, ("?", "?"))
TABLE_WRITES = Price("DynamoDB, written on demand", "million KB", 0.625, 0.7625, ("?", "?"))
TABLE_READS = Price("DynamoDB, read on demand", "million of 4 KB", 0.125, 0.1525, ("?", "?"))
WAF = Price("WAF list with one rule", "month", 6.00, 6.00, ("G", "?"))
WAF_REQUESTS = Price("WAF requests", "million", 0.60, 0.60, ("G", "?"))
NAT_HOUR = Price("NAT gateway", "hour", 0.045, 0.052, ("G", "B"))
NAT_GB = Price("NAT gateway, data", "GB", 0.045, 0.052, ("G", "?"))
ENDPOINT_HOUR = Price("interface endpoint", "zone and hour", 0.01, 0.012, ("G", "B"))
ENDPOINT_GB = Price("interface endpoint, data", "GB", 0.01, 0.01, ("G", "B"))


def all_prices() -> Iterator[Price]:
    for instance in INSTANCES:
        yield instance.on_demand
        yield instance.spot
    yield from (found for found in globals().values() if isinstance(found, Price))


def dollars(value: float) -> str:
    """`0.0225` and `16.4` as `$0.0225` and `$16.40`."""
    short = f"{value:.4f}".rstrip("0")
    return f"${short}" if len(short.partition(".")[2]) > 2 else f"${value:.2f}"
