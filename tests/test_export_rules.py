"""Small exports in the forms of real systems, with what the real ones at hand have none of.

Tax inside amounts, refunds, credits, corrections, ids that repeat between kinds of documents, and bills in parts.
"""

import textwrap
import zipfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from companies import query, workspace

from pipelines.refresh import Refreshed, refresh

SMALL: Mapping[str, str] = {
    "xero/invoice.csv": """
        invoice_id,contact_id,date,currency_code,invoice_number,line_amount_types,status,type
        i1,c1,2026-03-05,NZD,SUP-1,Inclusive,AUTHORISED,ACCPAY
        i2,c1,2026-03-06,NZD,SUP-2,Exclusive,DRAFT,ACCPAY
        i3,c1,2026-03-07,NZD,SUP-3,NoTax,PAID,ACCPAY""",
    "xero/invoice_line_item.csv": """
        line_item_id,invoice_id,line_amount,account_code,tax_amount,description
        l1,i1,115,463,15,Jira
        l2,i2,40,463,6,a draft
        l3,i3,500,600,0,a laptop
        l4,i3,70,820,0,tax paid""",
    "xero/account.csv": """
        account_id,name,code,type,class
        a1,Software,463,EXPENSE,EXPENSE
        a2,Computers,600,FIXED,ASSET
        a3,GST,820,CURRLIAB,LIABILITY""",
    "quickbooks/vendor_credit.csv": """
        id,balance,currency_id,payable_account_id,transaction_date,vendor_id,_fivetran_deleted
        1,0,USD,9,2026-03-02,7,FALSE""",
    "quickbooks/vendor_credit_line.csv": """
        vendor_credit_id,index,amount,account_expense_account_id,item_expense_item_id
        1,0,30,50,""",
    "quickbooks/bill.csv": """
        id,currency_id,due_date,payable_account_id,sales_term_id,transaction_date,vendor_id,_fivetran_deleted
        1,USD,,9,,2026-03-01,7,FALSE""",
    "quickbooks/bill_line.csv": """
        bill_id,index,amount,account_expense_account_id,item_expense_item_id
        1,0,90,50,
        1,1,12,,3""",
    "quickbooks/purchase.csv": """
        id,account_id,credit,currency_id,payment_type,transaction_date,vendor_id,_fivetran_deleted
        1,8,true,USD,CreditCard,2026-03-03,7,FALSE""",
    "quickbooks/purchase_line.csv": """
        purchase_id,index,amount,account_expense_account_id,item_expense_item_id
        1,0,50,50,""",
    "quickbooks/journal_entry.csv": """
        id,adjustment,currency_id,doc_number,transaction_date,_fivetran_deleted
        1,FALSE,USD,J1,2026-03-31,FALSE""",
    "quickbooks/journal_entry_line.csv": """
        journal_entry_id,index,account_id,amount,posting_type
        1,0,50,10,Debit
        1,1,50,4,Credit
        1,2,51,25,Debit
        1,3,9,31,Credit""",
    "quickbooks/account.csv": """
        id,account_number,account_sub_type,account_type,classification,fully_qualified_name
        50,6200,OfficeExpenses,Expense,Expense,Software
        51,6900,Depreciation,Expense,Expense,Depreciation
        8,2100,CreditCard,Credit Card,Liability,Card
        9,2000,AccountsPayable,Accounts Payable,Liability,Payables""",
    "quickbooks/item.csv": """
        id,name,expense_account_id,income_account_id,asset_account_id,purchase_cost
        3,Licence,50,,,12""",
    "netsuite/tran_acct_line.csv": """
        accountingbook,transaction,transactionline,account,amount,posting,_fivetran_deleted
        1,11,1,60,70.00,T,FALSE
        2,11,1,60,70.00,T,FALSE
        1,11,0,20,-70.00,T,FALSE
        1,12,1,60,-15.50,T,FALSE
        1,13,1,60,99.00,T,FALSE""",
    "netsuite/transaction.csv": """
        id,trandate,type,entity,currency,postingperiod,_fivetran_active,_fivetran_deleted
        11,2026-02-27,VendBill,5,1,302,TRUE,FALSE
        11,2025-12-31,VendBill,5,1,299,FALSE,FALSE
        12,2026-03-09,VendCred,5,1,,TRUE,FALSE
        13,2026-03-09,ItemShip,5,1,302,TRUE,FALSE""",
    "netsuite/transaction_line.csv": """
        id,transaction,mainline,taxline,foreignamount,linesequencenumber,subsidiary,memo
        1,11,F,F,70,1,4,Licences
        1,12,F,F,-15.5,1,4,Credit""",
    "netsuite/account.csv": """
        id,acctnumber,accttype,fullname,_fivetran_active
        60,6000,Expense,Software,TRUE
        20,2000,AcctPay,Payables,TRUE""",
    "netsuite/accounting_book.csv": """
        id,basebook,isprimary,isconsolidated,_fivetran_active
        1,,T,F,TRUE
        2,1,F,F,TRUE""",
    "netsuite/accounting_period.csv": """
        id,periodname,startdate,enddate,isposting,_fivetran_active
        302,Mar 2026,2026-03-01 00:00:00,2026-03-31 00:00:00,T,TRUE""",
    "netsuite/subsidiary.csv": """
        id,currency,fiscalcalendar,iselimination,legalname,_fivetran_active
        4,3,1,F,Acme GmbH,TRUE""",
    "netsuite/currency.csv": """
        id,symbol,isbasecurrency,exchangerate,_fivetran_active
        1,USD,T,1,TRUE
        3,EUR,F,1.1,TRUE""",
    "aws/cur.csv": """
        identity/LineItemId,bill/PayerAccountId,bill/BillingPeriodStartDate,lineItem/LineItemType,\
lineItem/UnblendedCost,lineItem/CurrencyCode
        x1,1,2026-03-01T00:00:00.000Z,Usage,20.25,USD
        x2,1,2026-03-01T00:00:00.000Z,Credit,-5.00,USD
        x3,1,2026-03-01T00:00:00.000Z,Tax,3.10,USD""",
    "oci/report.csv": """
        lineItem/referenceNo,lineItem/intervalUsageStart,lineItem/isCorrection,lineItem/backreferenceNo,product/service,cost/myCost,cost/currencyCode
        r1,2026-03-01T10:00Z,false,,COMPUTE,10,USD
        r2,2026-03-01T10:00Z,true,r1,COMPUTE,-10,USD
        r3,2026-03-01T10:00Z,true,r1,COMPUTE,8,USD""",
    "aws2/cur2.csv": """
        identity_line_item_id,bill_payer_account_id,bill_billing_period_start_date,line_item_line_item_type,\
line_item_unblended_cost,line_item_currency_code
        x1,1,2026-03-01T00:00:00.000Z,Usage,7.50,USD
        x2,1,2026-03-01T00:00:00.000Z,Tax,0.60,USD""",
    "snow_list/incident.csv": """
        Number,Short description,State,Priority,Opened,Resolved,Assignment group,Service,Made SLA
        INC1,VPN drops,Closed,2 - High,2026-03-02 08:11:40,2026-03-02 11:02:09,Network,VPN,true""",
    "jira_list/jira.csv": """
        Summary,Issue key,Issue id,Issue Type,Status,Priority,Created,Resolved,Labels,Labels
        Payroll fails,ITSM-1,1,[System] Incident,Resolved,High,30/Mar/26 5:00 PM,30/Mar/26 6:00 PM,a,b""",
    "zendesk_list/view.csv": """
        Id,Requester,Subject,Status,Ticket type,Created at,Solved at,Reopens
        9,Ana,CRM login,Solved,Question,2026-03-01 10:00:00,2026-03-01 12:30:00,1
        10,Ana,gone,Deleted,Incident,2026-03-01 10:00:00,,0""",
    "freshservice/tickets.csv": """
        Ticket Id,Subject,Status,Type,Created Time,Due by Time,Resolved Time,Closed Time
        264,Visio,Closed,Service Request,2026-03-02 08:00,2026-03-05 17:00,2026-03-03 10:00,2026-03-03 10:00""",
    "freshdesk/tickets.csv": """
        Ticket ID,Subject,Status,Type,Agent,Created time,Due by Time,Resolved time,Closed time,Resolution status
        7,Printer,Open,Problem,Bo,2026-03-04 09:00:00,2026-03-06 09:00:00,,,SLA Violated""",
    "rt/Results.tsv": """
        id\tSubject\tStatus\tQueueName\tPriority\tCreated\tResolved
        88\tMail is slow\tresolved\tHelpdesk\t3\t2026-03-05 09:00:00\t2026-03-05 10:00:00""",
    "google/users.csv": """
        First Name [Required],Last Name [Required],Email Address [Required],Org Unit Path [Required],\
Status [READ ONLY],Department
        Ana,Ruiz,ana@example.com,/Sales,Active,
        Bo,Lind,bo@example.com,/IT,Suspended,Operations""",
}
"""File under exports/ -> its text."""

SMALL_LINES = [
    ("aws", None, "2026-03-01", "-5", None, "USD"),
    ("aws", None, "2026-03-01", "0", "3.1", "USD"),
    ("aws", None, "2026-03-01", "20.25", None, "USD"),
    ("aws2", None, "2026-03-01", "0", "0.6", "USD"),
    ("aws2", None, "2026-03-01", "7.5", None, "USD"),
    ("netsuite", "11", "2026-03-31", "70", None, "EUR"),
    ("netsuite", "12", "2026-03-09", "-15.5", None, "EUR"),
    ("oci", None, "2026-03-01", "-10", None, "USD"),
    ("oci", None, "2026-03-01", "8", None, "USD"),
    ("oci", None, "2026-03-01", "10", None, "USD"),
    ("quickbooks", "bill 1", "2026-03-01", "12", None, "USD"),
    ("quickbooks", "bill 1", "2026-03-01", "90", None, "USD"),
    ("quickbooks", "journal 1", "2026-03-31", "-4", None, "USD"),
    ("quickbooks", "journal 1", "2026-03-31", "10", None, "USD"),
    ("quickbooks", "purchase 1", "2026-03-03", "-50", None, "USD"),
    ("quickbooks", "vendor credit 1", "2026-03-02", "-30", None, "USD"),
    ("xero", "i1", "2026-03-05", "100", "15", "NZD"),
    ("xero", "i3", "2026-03-07", "500", "0", "NZD"),
]
SMALL_LEFT_OUT = [
    ("netsuite", "not_a_purchase", "99"),
    ("netsuite", "not_an_expense", "-70"),
    ("netsuite", "other_book", "70"),
    ("quickbooks", "depreciation", "25"),
    ("quickbooks", "not_an_expense", "-31"),
    ("xero", "not_an_expense", "70"),
    ("xero", "not_approved", "40"),
    ("zendesk_list", "deleted_in_source", "0"),
]
SMALL_TICKETS = [
    ("freshdesk", "7", "problem", "2026-03-04 09:00", None, None),
    ("freshservice", "264", "request", "2026-03-02 08:00", "2026-03-03 10:00", None),
    ("jira_list", "ITSM-1", "incident", "2026-03-30 17:00", "2026-03-30 18:00", None),
    ("rt", "88", None, "2026-03-05 09:00", "2026-03-05 10:00", None),
    ("snow_list", "INC1", None, "2026-03-02 08:11", "2026-03-02 11:02", "VPN"),
    ("zendesk_list", "9", "request", "2026-03-01 10:00", "2026-03-01 12:30", None),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    folder = workspace(tmp_path_factory.mktemp("small"), "USD", {})
    for name, text in SMALL.items():
        path = folder / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
    return refresh(folder, "2026-03")


def test_lines_have_the_sign_tax_and_month_of_their_books(small: Refreshed) -> None:
    sql = """select source, document_id, posted_on, amount, tax_amount, currency from raw.spend_line
        order by source, document_id, amount"""
    expected = [
        (s, d, date.fromisoformat(day), Decimal(a), Decimal(t) if t else None, c) for s, d, day, a, t, c in SMALL_LINES
    ]
    assert query(small, sql) == expected


def test_nothing_is_refused(small: Refreshed) -> None:
    assert list(small.incomplete) == []


def test_lists_of_tickets_are_told_by_their_headers(small: Refreshed) -> None:
    sql = """select source, ticket_id, kind, strftime(opened_at, '%Y-%m-%d %H:%M'),
            strftime(resolved_at, '%Y-%m-%d %H:%M'), tool_name from raw.ticket order by source"""
    assert query(small, sql) == SMALL_TICKETS


def test_people_of_a_download(small: Refreshed) -> None:
    found = query(small, "select person_id, name, org_unit, status from raw.person order by person_id")
    assert found == [
        ("ana@example.com", "Ana Ruiz", "/Sales", "active"),
        ("bo@example.com", "Bo Lind", "Operations", "left"),
    ]


def test_what_is_left_out_has_its_rule(small: Refreshed) -> None:
    found = query(
        small, "select source, rule, sum(amount) from audit.record where status = 'excluded' group by all order by all"
    )
    assert found == [(source, rule, Decimal(amount)) for source, rule, amount in SMALL_LEFT_OUT]


def test_fixed_assets_are_capital_expenditure(small: Refreshed) -> None:
    found = query(
        small, "select capex_opex, sum(amount) from raw.spend_line where source = 'xero' group by all order by all"
    )
    assert found == [("capex", Decimal(500)), ("opex", Decimal(100))]


def test_files_of_one_zip_are_one_delivery(tmp_path: Path) -> None:
    """A big bill comes in parts: the second must not replace the months of the first."""
    head, *records = textwrap.dedent(SMALL["aws/cur.csv"]).strip().splitlines()
    folder = workspace(tmp_path, "USD", {"aws": []})
    with zipfile.ZipFile(folder / "exports" / "aws" / "cur.zip", "w") as bill:
        for number, record in enumerate(records):
            bill.writestr(f"cur-{number:05}.csv", f"{head}\n{record}\n")
    result = refresh(folder, "2026-03")
    assert query(result, "select sum(amount), sum(tax_amount), count(*) from raw.spend_line") == [
        (Decimal("15.25"), Decimal("3.1"), 3)
    ]
