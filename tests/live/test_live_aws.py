"""moto, which plays Amazon Web Services (Apache-2.0): costs by account and service over several months, accounts over several pages, and a key that is not known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from pulling import Puller
from running import Install, free_port, serving

from connectors.api.errors import AuthFailed
from connectors.systems.aws_cost_explorer import AWS_COST_EXPLORER
from connectors.systems.aws_organizations import AWS_ORGANIZATIONS

pytestmark = pytest.mark.live
SERVICES = ("Amazon Elastic Compute Cloud - Compute", "Amazon Simple Storage Service", "Tax")
ACCOUNTS = ("111111111111", "222222222222", "333333333333")


@pytest.fixture(scope="module")
def moto(python_of: Install, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    programs, port = python_of("moto", "moto[server,ce,organizations]"), free_port()
    with serving([programs / "moto_server", "-H", "127.0.0.1", "-p", str(port)], port, tmp_path_factory.mktemp("moto"), path="/moto-api/") as address:
        yield address


def results(months: list[str]) -> dict[str, Any]:
    """What Cost Explorer is to answer: amounts with the many decimals it has."""
    return {
        "DimensionValueAttributes": [{"Value": account, "Attributes": {"description": f"Account {n}"}} for n, account in enumerate(ACCOUNTS)],
        "ResultsByTime": [
            {"TimePeriod": {"Start": f"{month}-01", "End": f"{month}-28"}, "Total": {}, "Estimated": month == months[-1],
             "Groups": [{"Keys": [account, service], "Metrics": {"UnblendedCost": {"Amount": f"{m}{a}{s}.1234567890", "Unit": "USD"}}}
                        for a, account in enumerate(ACCOUNTS, 1) for s, service in enumerate(SERVICES, 1)]}
            for m, month in enumerate(months, 1)
        ],
    }  # fmt: skip


def puller(address: str, folder: Path) -> Puller:
    return Puller(replace(AWS_COST_EXPLORER, base=address), {"key_id": "AKIAIOSFODNN7EXAMPLE", "secret_key": "CANARY-secret-key"}, folder)


def test_costs_are_pulled_to_the_last_decimal(moto: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    told = results([f"{now.year - 1}-11", f"{now.year - 1}-12", f"{now.year}-01"])
    primed = requests.post(f"{moto}/moto-api/static/ce/cost-and-usage-results", json={"results": [told, told]}, timeout=30)
    primed.raise_for_status()
    records = puller(moto, tmp_path).pull("costs")
    amounts = [Decimal(group["Metrics"]["UnblendedCost"]["Amount"]) for month in told["ResultsByTime"] for group in month["Groups"]]
    assert (len(records), sum(Decimal(record["UnblendedCost"]["Amount"]) for record in records)) == (27, sum(amounts))
    assert {record["AccountName"] for record in records} == {"Account 0", "Account 1", "Account 2"}


def test_a_key_that_is_not_known_is_told_as_such(moto: str, tmp_path: Path) -> None:
    requests.post(f"{moto}/moto-api/reset-auth", data="0", timeout=30).raise_for_status()
    with pytest.raises(AuthFailed) as failed:
        puller(moto, tmp_path).pull("costs")
    requests.post(f"{moto}/moto-api/reset-auth", data="inf", timeout=30)
    assert failed.value.exit_code == 4
    assert "CANARY" not in str(failed.value)


def accounts_of(address: str) -> dict[str, str]:
    """An organisation of 45 accounts, which are three pages: id -> name."""

    def asked(name: str, **body: str) -> dict[str, Any]:
        headers = {"X-Amz-Target": f"AWSOrganizationsV20161128.{name}", "Content-Type": "application/x-amz-json-1.1", "Authorization": "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/organizations/aws4_request"}
        answer = requests.post(address, json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return dict(answer.json())

    asked("CreateOrganization", FeatureSet="ALL")
    made = [asked("CreateAccount", AccountName=f"Team {n}", Email=f"team{n}@acme.example")["CreateAccountStatus"] for n in range(44)]
    return {one["AccountId"]: one["AccountName"] for one in made}


def test_accounts_of_an_organisation_are_pulled_over_pages(moto: str, tmp_path: Path) -> None:
    made = accounts_of(moto)
    organisation = Puller(replace(AWS_ORGANIZATIONS, base=moto), {"key_id": "AKIAIOSFODNN7EXAMPLE", "secret_key": "CANARY-secret-key"}, tmp_path)
    records = organisation.pull("accounts")
    assert {record["Id"]: record["Name"] for record in records}.items() >= made.items()
    assert (len(records), organisation.reports[-1].pages) == (45, 3)
    assert not any("Email" in record for record in records)
