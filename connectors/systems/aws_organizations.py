"""AWS Organizations: the accounts of an organisation (docs.aws.amazon.com, API_ListAccounts), closed ones included.

An account is an organisational unit here, and its own cost centre: the lines of Cost Explorer, whose cost centre is the
account too, thereby have a unit. Which organisational unit of AWS an account lies in is not asked: that takes a request an account.
"""

from connectors.api import Aws4, Budget, Check, Connector, Rule, Stream, Token, Verdict
from connectors.api.aws import KEY, operation, told

LIST = operation("AWSOrganizationsV20161128.ListAccounts")

AWS_ORGANIZATIONS = Connector(
    name="aws_organizations",
    title="AWS Organizations",
    about="Accounts of the organisation as units, so that cloud cost by account has a name in the bill by unit. Leave it out where accounts are no units of yours.",
    base="https://organizations.us-east-1.amazonaws.com",
    auth=Aws4("{key_id}", "{secret_key}", "organizations", session_token="{session_token}"),
    check=Check("/", "Organization.Id", "The key must be of the management account.", operation("AWSOrganizationsV20161128.DescribeOrganization"), "POST", {}),
    options=KEY,
    credentials=(
        "Sign in to the management account of the organisation, or to one that it has made a delegated administrator.",
        "In IAM, Policies, create a policy that allows organizations:ListAccounts and organizations:DescribeOrganization on all resources, and nothing more.",
        "In IAM, Users, create a user without access to the console, attach the policy, and create an access key.",
        "Copy both halves: the secret is shown only then.",
    ),
    limits="AWS limits bursts and says so; pages of 20. Prices of requests: none.",
    budget=Budget(per_minute=60),
    proved="moto 5.2, which plays AWS",
    rules=(Rule(Verdict.NOT_LICENSED, (400,), r"AWSOrganizationsNotInUse", "This account is in no organisation; leave the source out"), *told("organizations:ListAccounts and organizations:DescribeOrganization")),
    streams=(
        Stream(
            "accounts", "accounts of every state", "/", "aws_organizations_api_accounts", "organizations:ListAccounts", key=("Id",), records="Accounts", params=LIST, method="POST", body={},
            paging=Token("MaxResults", 20, place="NextToken", param="NextToken", in_body=True), client="Id", leave_out=frozenset({"Email"}),
        ),
    ),
)  # fmt: skip
