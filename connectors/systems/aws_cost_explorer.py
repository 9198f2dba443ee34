"""AWS Cost Explorer: what each account of an organisation spent on each service, by month (docs.aws.amazon.com, API_GetCostAndUsage).

Less than a bill by the line (FOCUS or a Cost and Usage Report, which are read as files), and there without setting one
up. The names of accounts come with the answer.
"""

import json
from collections.abc import Iterator
from typing import Any

from connectors.api import Aws4, Budget, Check, Connector, Stream, Token
from connectors.api.aws import KEY, operation, told

SPAN = {"Granularity": "MONTHLY", "Metrics": ["UnblendedCost"]}
TARGET = operation("AWSInsightsIndexService.GetCostAndUsage")


def by_group(body: str) -> str:
    """Months that hold a list of groups each become a list of groups that name their month.

    A month may go on on the next page, so that the groups are the records. Amounts are texts and stay as they are.
    """
    answer = json.loads(body)
    if not isinstance(answer, dict) or not isinstance(answer.get("ResultsByTime"), list):
        return body
    try:
        names = {one["Value"]: one.get("Attributes", {}).get("description", "") for one in answer.pop("DimensionValueAttributes", [])}
        records = [group for month in answer.pop("ResultsByTime") for group in groups(month, names)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"a group of costs is not of the form that AWS describes: {error}") from None
    return json.dumps({"Groups": records, **answer}, ensure_ascii=False)


def groups(month: Any, names: dict[str, str]) -> Iterator[Any]:
    """The groups of a month; what is not as it should be is passed on for the engine to refuse."""
    if not isinstance(month, dict) or not isinstance(month.get("Groups"), list):
        yield month
        return
    rest = {name: value for name, value in month.items() if name not in ("Groups", "Total")}
    for group in month["Groups"]:
        account, service = group["Keys"]
        yield {"Account": account, "AccountName": names.get(account, ""), "Service": service, **group["Metrics"], **rest}


AWS_COST_EXPLORER = Connector(
    name="aws_cost_explorer",
    title="AWS Cost Explorer",
    about="Unblended cost by month, account and service, with credits taken off. Where the cloud bill is read as FOCUS or as a Cost and Usage Report, leave one of the two out: it is the same money.",
    base="https://ce.us-east-1.amazonaws.com",
    auth=Aws4("{key_id}", "{secret_key}", "ce", session_token="{session_token}"),
    check=Check(
        "/", "ResultsByTime", "The key must be allowed ce:GetCostAndUsage.", TARGET, "POST",
        {"TimePeriod": {"Start": "{month.0}", "End": "{month.next}"}, **SPAN},
    ),
    options=KEY,
    credentials=(
        "Sign in to the management account of the organisation, or to the one account there is, and open Cost Explorer once: it takes a day until its interface answers.",
        "In IAM, Policies, create a policy that allows ce:GetCostAndUsage on all resources, and nothing more.",
        "In IAM, Users, create a user without access to the console, attach the policy, and create an access key.",
        "Copy both halves: the secret is shown only then.",
    ),
    limits="Each page costs 0.01 USD, and a read is a few pages. A month may be restated until its invoice is final, so that a year is read each time; months before stay as they were read.",
    budget=Budget(per_minute=60, reserve=0.5),
    proved="moto 5.2, which plays AWS",
    rules=told("ce:GetCostAndUsage"),
    streams=(
        Stream(
            "costs", "cost of the last twelve months and of this one, by account and service", "/", "aws_cost_explorer_api_costs", "ce:GetCostAndUsage", key=("TimePeriod.Start", "Account", "Service"),
            records="Groups", params=TARGET, method="POST", paging=Token(place="NextPageToken", param="NextPageToken", in_body=True), tidy=by_group, client="Account",
            body={
                "TimePeriod": {"Start": "{month.12}", "End": "{month.next}"}, **SPAN,
                "GroupBy": [{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}, {"Type": "DIMENSION", "Key": "SERVICE"}],
            },
        ),
    ),
)  # fmt: skip
