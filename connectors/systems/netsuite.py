"""NetSuite: lines of bills, vendor credits, expense reports, card charges and cheques, asked for in SuiteQL.

Lines have a key of their own across all transactions (`uniquekey`), by which they are asked for in order. Pages beyond
the first are not asked for by offset: no more than 100,000 rows of one question can be. Amounts are in the transaction's
currency and signed as the ledger has them: what a vendor credits is negative.
"""

from connectors.api import Check, Connector, Keyset, OAuth1, Option, Rule, Stream, Verdict

SUITEQL = "services/rest/query/v1/suiteql"
LINES = """SELECT tl.uniquekey, t.id AS transactionid, t.tranid, t.type, t.posting, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, BUILTIN.DF(t.status) AS status,
BUILTIN.DF(t.entity) AS vendor, c.symbol AS currency, tl.foreignamount, tl.memo, a.acctnumber, a.accttype, a.fullname AS account, BUILTIN.DF(tl.department) AS department,
BUILTIN.DF(tl.class) AS classname
FROM transaction t JOIN transactionline tl ON tl.transaction = t.id LEFT JOIN account a ON a.id = tl.expenseaccount LEFT JOIN currency c ON c.id = t.currency
WHERE t.type IN ('VendBill', 'VendCred', 'ExpRept', 'CardChrg', 'CardRfnd', 'Check') AND tl.mainline = 'F' AND tl.taxline = 'F'{after} ORDER BY tl.uniquekey""".replace("\n", " ")

NETSUITE = Connector(
    name="netsuite",
    title="NetSuite",
    about="Lines of bills, vendor credits, expense reports, company card charges and cheques, with account, department and class. Payments of bills are no cost and are not read.",
    base="https://{host}.suitetalk.api.netsuite.com",
    auth=OAuth1("{consumer_key}", "{consumer_secret}", "{token}", "{token_secret}", "{account}"),
    check=Check(
        SUITEQL, "count", "The role of the token may lack REST Web Services.", {"limit": "1", "header:Prefer": "transient"}, "POST", {"q": "SELECT id FROM transaction"},
    ),
    options=(
        Option("account", "Account id: Setup, Company, Company Information.", pattern=r"[A-Z0-9_]+", example="1234567_SB1"),
        Option("host", "The same as it stands in the address: small letters, and - for _.", pattern=r"[a-z0-9-]+", example="1234567-sb1"),
        Option("consumer_key", "Consumer key of the integration."),
        Option("consumer_secret", "Its secret.", secret=True),
        Option("token", "Token id."),
        Option("token_secret", "Its secret.", secret=True),
    ),
    credentials=(
        "In Setup, Company, Enable Features, SuiteCloud, switch on REST Web Services and Token-Based Authentication.",
        "In Setup, Integration, Manage Integrations, make an integration with Token-Based Authentication only; copy consumer key and secret, which are shown only then.",
        "Make a role with the permissions of the streams below, Log in using Access Tokens and REST Web Services, and give it to a user of its own.",
        "In Setup, Users/Roles, Access Tokens, make a token for integration, user and role; copy id and secret, which are shown only then.",
    ),
    limits="Five requests at once for most accounts; pages of 1,000. All lines are read each time.",
    rules=(
        Rule(Verdict.THROTTLE, (400, 403, 429), r"(CONCURRENCY|REQUEST)_LIMIT_EXCEEDED", "NetSuite limits requests for a while"),
        Rule(Verdict.CONFIG, (400,), r"was not found", "NetSuite says so too of tables and fields that the role may not see, and of features that are off"),
    ),
    streams=(
        Stream(
            "lines", "lines of purchases", SUITEQL, "netsuite_api_lines", "SuiteAnalytics Workbook; Transactions: Bills, Vendor Credits, Expense Reports, Credit Card, Check, view; Lists: Accounts, Currency, Departments, Classes, Vendors, view",
            key=("uniquekey",), records="items", params={"header:Prefer": "transient"}, method="POST", body={"q": LINES},
            paging=Keyset("limit", 1000, total="totalResults", field="uniquekey", clause=" AND tl.uniquekey > {}"), sorted_by="uniquekey", leave_out=frozenset({"links"}),
        ),
    ),
)  # fmt: skip
