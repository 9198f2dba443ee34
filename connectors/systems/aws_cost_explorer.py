"""AWS Cost Explorer: what each account of an organisation spent on each service, by month (docs.aws.amazon.com, API_GetCostAndUsage).

Less than a bill by the line (FOCUS or a Cost and Usage Report, which are read as files), and there without setting one
up. The names of accounts come with the answer; AWS Organizations, which has them too, is not asked.
"""

import json
from collections.abc import Iterator
from typing import Any

from connectors.api import Aws4, Budget, Check, Connector, Option, Rule, Stream, Token, Verdict

SPAN = {"Granularity": "MONTHLY", "Metrics": ["UnblendedCost"]}
TARGET = {"header:X-Amz-Target": "AWSInsightsIndexService.GetCostAndUsage", "header:Content-Type": "application/x-amz-json-1.1"}


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
    options=(
        Option("key_id", "Id of the access key.", pattern=r"[A-Z0-9]+", example="AKIAIOSFODNN7EXAMPLE"),
        Option("secret_key", "Its secret.", secret=True),
        Option("session_token", "Session token, where the key lasts for hours only.", secret=True, required=False),
    ),
    credentials=(
        "Sign in to the management account of the organisation, or to the one account there is, and open Cost Explorer once: it takes a day until its interface answers.",
        "In IAM, Policies, create a policy that allows ce:GetCostAndUsage on all resources, and nothing more.",
        "In IAM, Users, create a user without access to the console, attach the policy, and create an access key.",
        "Copy both halves: the secret is shown only then.",
    ),
    limits="Each page costs 0.01 USD, and a read is a few pages. A month may be restated until its invoice is final, so that a year is read each time; months before stay as they were read.",
    budget=Budget(per_minute=60, reserve=0.5),
    proved="moto 5.2, which plays AWS",
    rules=(
        Rule(Verdict.THROTTLE, (400, 429), r'"__type"\s*:\s*"[^"]*(Throttl|LimitExceeded|TooManyRequests)', "AWS limits requests for a while"),
        Rule(Verdict.AUTH, (400, 403), r"UnrecognizedClient|InvalidSignature|IncompleteSignature|InvalidClientTokenId|ExpiredToken|MissingAuthenticationToken", "Check id and secret of the key, and the clock of this machine"),
        Rule(Verdict.PERMISSION, (400, 403), r"AccessDenied", "Allow ce:GetCostAndUsage to the key's user"),
    ),
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
