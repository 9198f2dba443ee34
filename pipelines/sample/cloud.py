"""The cloud bill: a FOCUS 1.0 export as Amazon Web Services delivers it, one file a month."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from pipelines.sample.company import MONTHS, last_day, month_text
from pipelines.sample.money import plain
from pipelines.sample.spend import BASE_LINES, FAULTS, Line
from pipelines.sample.vendors import BY_NAME

HEADER = (
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName",
    "CommitmentDiscountStatus", "CommitmentDiscountType", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
    "ContractedUnitPrice", "EffectiveCost", "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId",
    "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId",
    "SubAccountName", "Tags",
)  # fmt: skip
"""The 43 columns of version 1.0."""
ACCOUNT = "408812750193"
SERVICES = (
    ("Amazon Elastic Compute Cloud", "Compute", "Hrs", "m6i.large On Demand Linux", 40, 90_000_000),
    ("Amazon Relational Database Service", "Databases", "Hrs", "db.r6g.large Multi-AZ", 22, 160_000_000),
    ("Amazon Simple Storage Service", "Storage", "GB-Mo", "Standard storage", 30, 12_000_000),
    ("Amazon Virtual Private Cloud", "Networking", "GB", "Data transfer out", 18, 20_000_000),
    ("AWS Backup", "Storage", "GB-Mo", "Warm backup storage", 10, 30_000_000),
    ("Amazon CloudWatch", "Management and Governance", "Metrics", "Custom metrics", 14, 4_000_000),
    ("AWS Lambda", "Compute", "Second", "Compute duration", 16, 300_000),
)
"""Service, category, unit, description, how often, and the largest price of a row in 10^-6 dollars."""


def cloud_lines(n: int, scale: int, rng: Random) -> Iterator[Line]:
    """The charges of the n-th month: a day of a service each, with up to ten decimals, and a credit now and then."""
    month = MONTHS[n]
    faults = list(FAULTS.get(("cloud", n), ()))
    issuer = BY_NAME["Amazon Web Services"]
    weights = [service[4] for service in SERVICES]
    for count in range(BASE_LINES["cloud"] * scale):
        name, _, _, text, _, highest = rng.choices(SERVICES, weights)[0]
        day = month + timedelta(days=rng.randrange(last_day(month).day))
        units = rng.randrange(1, highest * (400 + 8 * n)) * 10_000
        is_credit = rng.randrange(120) == 0
        fault = faults.pop() if faults and not is_credit and count > 20 else None
        yield Line(
            "cloud", f"{ACCOUNT}-{month_text(month)}", count + 1, "credit" if is_credit else "usage", month, month,
            issuer.name, issuer.cloud[0], "Amazon Web Services", True, f"{name}|{text}", -units if is_credit else units,
            "USD", "", "", service_start_on=day, service_end_on=day, fault=fault,
        )  # fmt: skip


def write_focus(path: Path, lines: Iterator[Line]) -> Iterator[Line]:
    """Write a bill and pass its lines on: nulls are the word NULL, ends are exclusive."""
    category = {service[0]: service for service in SERVICES}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for line in lines:
            cells = dict.fromkeys(HEADER, "NULL")
            name, _, text = line.description.partition("|")
            _, kind, unit, *_ = category[name]
            amount = "NULL" if line.fault else plain(line.units)
            day, quantity = line.service_start_on or line.posted_on, str(1 + line.number % 24)
            cells |= {
                "BilledCost": amount, "ContractedCost": amount, "EffectiveCost": amount, "ListCost": amount,
                "BillingAccountId": ACCOUNT, "BillingAccountName": "tarnbeck-prod", "BillingCurrency": line.currency,
                "BillingPeriodStart": instant(line.posted_on),
                "BillingPeriodEnd": instant(last_day(line.posted_on) + timedelta(days=1)),
                "ChargeCategory": "Credit" if line.kind == "credit" else "Usage", "ChargeDescription": text,
                "ChargeFrequency": "Usage-Based", "ChargePeriodStart": instant(day), "ChargePeriodEnd": instant(day + timedelta(days=1)),
                "ConsumedQuantity": quantity, "ConsumedUnit": unit, "PricingQuantity": quantity, "PricingUnit": unit,
                "PricingCategory": "Standard", "InvoiceIssuerName": line.spelling, "ProviderName": "AWS",
                "PublisherName": "Amazon Web Services, Inc.", "RegionId": "eu-central-1", "RegionName": "EU (Frankfurt)",
                "ServiceCategory": kind, "ServiceName": name, "SkuId": f"SKU{line.number % 97:04d}", "SubAccountId": ACCOUNT,
                "SubAccountName": "tarnbeck-prod", "Tags": '{"env":"prod"}' if line.number % 3 else "NULL",
            }  # fmt: skip
            writer.writerow(cells.values())
            yield line


def instant(day: date) -> str:
    """Midnight, written in the two ways that exports of this format have."""
    return f"{day.isoformat()}T00:00:00Z" if day.month % 2 else f"{day.isoformat()} 00:00:00"
