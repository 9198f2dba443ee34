"""Documents as QuickBooks, Xero and ConnectWise give them through their APIs, and a reseller's invoice, become spend lines: sign, tax, what is left out, and documents that change."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from companies import query, workspace

from connectors.profile import Unpivot
from connectors.reading import Refused
from connectors.reading.jsonlines import listed
from pipelines.refresh import Refreshed, refresh

QBO_LINE = "AccountBasedExpenseLineDetail"
USD = {"value": "USD"}
CHANGED = {"LastUpdatedTime": "2026-03-09T09:12:00-08:00"}


def qbo_line(number: str, amount: Any, account: str = "7", **more: Any) -> dict[str, Any]:
    return {"Id": number, "Amount": amount, "DetailType": QBO_LINE, QBO_LINE: {"AccountRef": {"value": account, "name": "Software"}, **more}}


def bill(number: str, lines: Sequence[Any], **more: Any) -> dict[str, Any]:
    return {"Id": number, "TxnDate": "2026-03-05", "DueDate": "2026-04-04", "VendorRef": {"value": "46", "name": "Zoom"}, "CurrencyRef": USD, "DocNumber": f"INV-{number}",
            "TotalAmt": 0, "Balance": 0, "Line": lines, "MetaData": CHANGED, **more}  # fmt: skip


def xero(kind: str, key: str, number: str, lines: Sequence[Any], tax: str = "Exclusive", status: str = "AUTHORISED", **more: Any) -> dict[str, Any]:
    return {key: number, "Type": kind, "Status": status, "LineAmountTypes": tax, "DateString": "2026-03-05T00:00:00", "Contact": {"Name": "Atlassian"}, "LineItems": lines, "CurrencyCode": "NZD",
            "BankAccount": {"AccountID": "b1"}, "UpdatedDateUTC": "2026-03-06T00:00:00.000Z", **more}  # fmt: skip


def xero_line(number: str, amount: Any, tax: Any = 0, account: str = "463") -> dict[str, Any]:
    return {"LineItemID": number, "Description": "Jira", "LineAmount": amount, "TaxAmount": tax, "AccountCode": account}


def invoice(number: int, kind: str, subtotal: Any, **more: Any) -> dict[str, Any]:
    return {"id": number, "invoiceNumber": f"I{number}", "type": kind, "company": {"name": "Acme"}, "date": "2026-03-05T00:00:00Z", "subtotal": subtotal, "total": subtotal, "salesTax": 1.5,
            "currency": {"currencyCode": "USD"}, "_info": {"lastUpdated": "2026-03-05T00:00:00Z"}, **more}  # fmt: skip


FILES: Mapping[str, Sequence[Any]] = {
    "quickbooks/accounts": [
        {"Id": "7", "Name": "Software", "FullyQualifiedName": "Office:Software", "AccountType": "Expense", "AccountSubType": "Other", "Classification": "Expense", "AcctNum": "6200"},
        {"Id": "9", "Name": "Card", "FullyQualifiedName": "Card", "AccountType": "Credit Card", "AccountSubType": "CreditCard", "Classification": "Liability", "AcctNum": "2100"},
        {"Id": "8", "Name": "Laptops", "FullyQualifiedName": "Laptops", "AccountType": "Fixed Asset", "AccountSubType": "Other", "Classification": "Asset"},
    ],
    "quickbooks/items": [{"Id": "3", "Name": "Licence", "FullyQualifiedName": "Licence", "Type": "Service", "Active": True, "ExpenseAccountRef": {"value": "7"}}],
    "quickbooks/bills": [
        bill("1", [qbo_line("1", 1200.10, TaxAmount=120.01), {"Id": "2", "Amount": 30.05, "DetailType": "ItemBasedExpenseLineDetail", "ItemBasedExpenseLineDetail": {"ItemRef": {"value": "3", "name": "Licence"}}},
                   {"Id": "3", "Amount": 1230.15, "DetailType": "SubTotalLineDetail"}, qbo_line("4", 9.99, "9"), qbo_line("5", 2000, "8")]),
        bill("2", [qbo_line("1", 77)], _plumbline_deleted=True),
        bill("3", [qbo_line("1", 500), qbo_line("2", 60)]),
    ],
    "quickbooks/bills_later": [bill("3", [qbo_line("1", 450)])],
    "quickbooks/purchases": [
        {"Id": "1", "TxnDate": "2026-03-06", "PaymentType": "CreditCard", "AccountRef": {"value": "9"}, "EntityRef": {"name": "Figma"}, "Credit": True, "TotalAmt": 15, "CurrencyRef": USD,
         "Line": [qbo_line("1", 15.00, TaxAmount=1.5)], "MetaData": CHANGED},
    ],
    "quickbooks/vendor_credits": [
        {"Id": "1", "TxnDate": "2026-03-07", "VendorRef": {"value": "46", "name": "Zoom"}, "TotalAmt": 100, "CurrencyRef": USD, "Line": [qbo_line("1", 100.00)], "MetaData": CHANGED},
    ],
    "xero/accounts": [
        {"AccountID": "a1", "Code": "463", "Name": "Software", "Type": "EXPENSE", "Class": "EXPENSE", "Status": "ACTIVE"},
        {"AccountID": "a2", "Code": "820", "Name": "GST", "Type": "CURRLIAB", "Class": "LIABILITY", "Status": "ACTIVE"},
    ],
    "xero/bills": [
        xero("ACCPAY", "InvoiceID", "i1", [xero_line("1", 115.00, 15.00), xero_line("2", 8, 0, "820")], "Inclusive"),
        xero("ACCPAY", "InvoiceID", "i2", [xero_line("3", 40)], status="DRAFT"),
        xero("ACCPAY", "InvoiceID", "i3", [xero_line("4", 41)], status="VOIDED"),
        xero("ACCPAY", "InvoiceID", "i4", [xero_line("5", 10.50, 1.05)]),
        xero("ACCPAY", "InvoiceID", "i5", [], status="DELETED"),
    ],
    "xero/credit_notes": [xero("ACCPAYCREDIT", "CreditNoteID", "c1", [xero_line("6", 23.00, 3.00)], "Inclusive")],
    "xero/bank_transactions": [
        xero("SPEND", "BankTransactionID", "t1", [xero_line("7", 14.99)], "NoTax"),
        xero("RECEIVE", "BankTransactionID", "t2", [xero_line("8", 4.99)], "NoTax"),
        xero("SPEND-PREPAYMENT", "BankTransactionID", "t3", [xero_line("9", 300)], "NoTax"),
    ],
    "connectwise/invoices": [
        invoice(1, "Agreement", 1200.50), invoice(2, "CreditMemo", 5), invoice(3, "DownPayment", 6), invoice(4, "Standard", 7, status={"name": "Voided"}), invoice(5, "Standard", 8, _plumbline_deleted=True),
    ],
}  # fmt: skip
"""Source and list -> its records, in the order in which they are delivered."""

CSP = """PartnerId,CustomerId,CustomerName,InvoiceNumber,MpnId,OrderDate,ProductId,SkuId,SkuName,ProductName,ChargeType,UnitPrice,Quantity,Subtotal,TaxTotal,Total,Currency,PublisherName,\
SubscriptionDescription,SubscriptionId,ChargeStartDate,ChargeEndDate,TermAndBillingCycle
p1,c1,Acme,G002297372,6034453,3/1/2026,CFQ7,0001,Business Premium,Microsoft 365 Business Premium,new,22.00,10,220.00,44.00,264.00,USD,Microsoft Corporation,,s1,3/1/2026,3/31/2026,"One-Month commitment, monthly"
p1,c2,Beta,G002297372,6034453,3/1/2026,CFQ7,0001,Business Premium,Microsoft 365 Business Premium,cancelImmediate,22.00,-2,-44.00,-8.80,-52.80,USD,Microsoft Corporation,,s2,3/12/2026,3/31/2026,"One-Month commitment, monthly"
"""

COUNTED = [
    ("connectwise", "1", "1", "1200.50", "1.50", "USD", "invoice"),
    ("csp", "G002297372", None, "-44", "-8.80", "USD", "invoice"),
    ("csp", "G002297372", None, "220", "44", "USD", "invoice"),
    ("quickbooks", "bill 1", "1", "1200.10", "120.01", "USD", "bill"),
    ("quickbooks", "bill 1", "2", "30.05", None, "USD", "bill"),
    ("quickbooks", "bill 1", "5", "2000", None, "USD", "bill"),
    ("quickbooks", "bill 3", "1", "450", None, "USD", "bill"),
    ("quickbooks", "purchase 1", "1", "-15", "-1.50", "USD", "card"),
    ("quickbooks", "vendor credit 1", "1", "-100", None, "USD", "credit_note"),
    ("xero", "c1", "6", "-20", "-3", "NZD", "credit_note"),
    ("xero", "i1", "1", "100", "15", "NZD", "bill"),
    ("xero", "i4", "5", "10.50", "1.05", "NZD", "bill"),
    ("xero", "t1", "7", "14.99", "0", "NZD", "expense"),
    ("xero", "t2", "8", "-4.99", "0", "NZD", "credit_note"),
]
LEFT_OUT = [
    ("connectwise", "credit_of_unknown_sign", 1), ("connectwise", "deleted_in_source", 1), ("connectwise", "down_payment", 1), ("connectwise", "voided", 1),
    ("quickbooks", "deleted_in_source", 1), ("quickbooks", "not_a_cost_line", 1), ("quickbooks", "not_an_expense", 1),
    ("xero", "deleted_in_source", 1), ("xero", "not_an_expense", 2), ("xero", "not_approved", 1), ("xero", "voided", 1),
]  # fmt: skip


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """All lists, refreshed twice: what came later is a delivery of its own."""
    folder = workspace(tmp_path_factory.mktemp("api"), "USD", {})
    for later in (False, True):
        for name, records in FILES.items():
            path = folder / "exports" / f"{name}.ndjson"
            path.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith("_later") == later:
                path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        (folder / "exports/csp").mkdir(exist_ok=True)
        (folder / "exports/csp/invoice.csv").write_text(CSP, encoding="utf-8")
        refreshed = refresh(folder, "2026-03")
    return refreshed


def test_lines_have_the_sign_tax_and_kind_of_their_document(read: Refreshed) -> None:
    found = query(read, "select source, document_id, line_id, amount, tax_amount, currency, document_type from raw.spend_line order by all")
    assert found == [(source, document, line, Decimal(amount), Decimal(tax) if tax else None, currency, kind) for source, document, line, amount, tax, currency, kind in COUNTED]


def test_what_is_left_out_has_its_rule(read: Refreshed) -> None:
    found = query(read, "select source, rule, sum(record_count)::int from audit.record where status = 'excluded' and table_name = 'spend_line' group by all order by all")
    assert found == LEFT_OUT


def test_nothing_is_refused(read: Refreshed) -> None:
    assert list(read.incomplete) == []
    assert query(read, "select * from audit.record where status = 'quarantined'") == []


def test_a_line_tells_its_account_and_day(read: Refreshed) -> None:
    sql = "select posted_on, vendor_name, gl_account, gl_account_name, capex_opex, invoice_number from raw.spend_line where document_id = 'bill 1' order by line_id"
    assert query(read, sql) == [
        (date(2026, 3, 5), "Zoom", "6200", "Office:Software", "opex", "INV-1"),
        (date(2026, 3, 5), "Zoom", "6200", "Office:Software", "opex", "INV-1"),
        (date(2026, 3, 5), "Zoom", "8", "Laptops", "capex", "INV-1"),
    ]


def test_a_line_of_a_reseller_s_invoice_tells_customer_product_and_service(read: Refreshed) -> None:
    sql = "select org_unit, tool_name, vendor_name, service_start_on, service_end_on from raw.spend_line where source = 'csp' and amount < 0"
    assert query(read, sql) == [("Beta", "Microsoft 365 Business Premium", "Microsoft Corporation", date(2026, 3, 12), date(2026, 3, 31))]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("[]", []),
        ('[{"a": 10.50, "b": {"c": "x"}}, {"d": 12345678901234567.89}]', [{"a": "10.50", "b.c": "x"}, {"d": "12345678901234567.89"}]),
        ('[{"a": [{"b": 1}]}]', [{"a": '[{"b": 1}]'}]),
    ],
)
def test_lists_in_cells_keep_their_numbers_as_text(cell: str, expected: list[dict[str, str]]) -> None:
    assert listed(cell, "bills.ndjson", 1) == expected


@pytest.mark.parametrize("unpivot", [{}, {"keep": "Date", "name": "currency"}, {"each": "Line", "keep": "Date", "name": "currency", "value": "rate"}])
def test_a_profile_turns_columns_or_a_list(unpivot: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="give keep, name and value, or each"):
        Unpivot.model_validate(unpivot)


@pytest.mark.parametrize("cell", ["7", '["a"]', "[{]", '{"a": 1}'])
def test_a_cell_that_is_no_list_of_objects_is_refused(cell: str) -> None:
    with pytest.raises(Refused, match=r"bills\.ndjson, line 3"):
        listed(cell, "bills.ndjson", 3)
