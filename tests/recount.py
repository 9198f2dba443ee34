"""The real data counted a second time: straight from the files, with nothing of Plumbline.

Each function reads the tables of one system with `csv` or `json` and says, in plain code, which records are cost,
which are left out by which rule, and which can't be placed. The books of a refresh must agree to the last decimal.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

Row = Mapping[str, str]
Bucket = tuple[str, str, str]
"""Status, rule (of what is excluded) and currency; an empty text where there is none."""
TWELVE = Decimal(1).scaleb(-12)
YES = ("true", "TRUE")


@dataclass
class Count:
    """Records and money by status, rule and currency."""

    records: dict[Bucket, int] = field(default_factory=dict)
    amounts: dict[Bucket, Decimal] = field(default_factory=dict)

    def add(self, status: str, amount: Decimal | None = None, currency: str = "", rule: str = "") -> None:
        bucket = (status, rule if status == "excluded" else "", currency)
        self.records[bucket] = self.records.get(bucket, 0) + 1
        self.amounts[bucket] = self.amounts.get(bucket, Decimal(0)) + (amount or Decimal(0))

    def loaded(self) -> dict[str, Decimal]:
        """What counts, by currency."""
        return {currency: amount for (status, _, currency), amount in self.amounts.items() if status == "loaded"}

    def totals(self) -> dict[str, tuple[int, int, Decimal, Decimal]]:
        """By currency: records in and loaded, amount in and loaded."""
        found: dict[str, tuple[int, int, Decimal, Decimal]] = {}
        for (status, rule, currency), records in self.records.items():
            all_in, loaded, amount_in, amount_loaded = found.get(currency, (0, 0, Decimal(0), Decimal(0)))
            amount, counts = self.amounts[status, rule, currency], status == "loaded"
            found[currency] = (
                all_in + records,
                loaded + records * counts,
                amount_in + amount,
                amount_loaded + amount * counts,
            )
        return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def by(path: Path, key: str) -> dict[str, dict[str, str]]:
    """Rows by their id; the last one of an id counts."""
    return {row[key]: row for row in rows(path)}


def money(text: str) -> Decimal:
    """At the twelve decimals that the books keep; only cloud bills have more."""
    return Decimal(text).quantize(TWELVE, ROUND_HALF_UP)


def xero(folder: Path) -> Count:
    """Lines of supplier bills. Sales, and bills that are not or no longer due, are left out."""
    bills = by(folder / "xero_invoice_data.csv", "invoice_id")
    accounts = by(folder / "xero_account_data.csv", "code")
    count = Count()
    for line in rows(folder / "xero_invoice_line_item_data.csv"):
        bill = bills[line["invoice_id"]]
        tax_inside = bill["line_amount_types"] == "Inclusive"
        amount = money(line["line_amount"]) - (money(line["tax_amount"]) if tax_inside else 0)
        rule = ""
        if bill["type"] != "ACCPAY":
            rule = "sales_document"
        elif bill["status"] in ("DRAFT", "SUBMITTED"):
            rule = "not_approved"
        elif bill["status"] in ("VOIDED", "DELETED"):
            rule = "voided"
        elif accounts[line["account_code"]]["type"] not in (
            "EXPENSE",
            "DIRECTCOSTS",
            "OVERHEADS",
            "FIXED",
            "CURRENT",
            "PREPAYMENT",
        ):
            rule = "not_an_expense"
        count.add("excluded" if rule else "loaded", amount, bill["currency_code"], rule)
    return count


QUICKBOOKS_COSTS = ("Expense", "Other Expense", "Cost of Goods Sold", "Fixed Asset")


def quickbooks(folder: Path) -> Count:
    """Lines of bills, purchases and vendor credits, and journal lines on expense accounts."""
    accounts = by(folder / "account_data.csv", "id")
    items = by(folder / "item_data.csv", "id")
    count = Count()
    for kind, sign in (("bill", 1), ("purchase", 1), ("vendor_credit", -1), ("journal_entry", 1)):
        documents = by(folder / f"{kind}_data.csv", "id")
        for line in rows(folder / f"{kind}_line_data.csv"):
            document = documents.get(line[f"{kind}_id"], {})
            currency, amount = document.get("currency_id", ""), money(line["amount"]) * sign
            if kind == "journal_entry":
                account = accounts.get(line["account_id"], {})
                amount = -amount if line["posting_type"] == "Credit" else amount
            else:
                item = items.get(line["item_expense_item_id"], {})
                account = accounts.get(line["account_expense_account_id"]) or accounts.get(
                    item.get("expense_account_id", ""), {}
                )
            if document.get("credit") in YES:
                amount = -amount
            known = account.get("account_type")
            if document.get("_fivetran_deleted") in YES:
                count.add("excluded", amount, currency, "deleted_in_source")
            elif known and (known not in QUICKBOOKS_COSTS or (kind == "journal_entry" and known == "Fixed Asset")):
                count.add("excluded", amount, currency, "not_an_expense")
            elif not document.get("transaction_date") or (kind == "journal_entry" and not known):
                count.add("quarantined", amount, currency)
            else:
                count.add("loaded", amount, currency)
    return count


def netsuite2(folder: Path) -> Count:
    """Accounting lines of the primary book on expense accounts. In this sandbox none has an amount."""

    def live(name: str) -> dict[str, dict[str, str]]:
        return {
            row["id"]: row for row in rows(folder / f"netsuite2_{name}_data.csv") if row["_fivetran_active"] == "TRUE"
        }

    transactions, accounts, books = live("transaction"), live("account"), live("accounting_book")
    count = Count()
    for line in rows(folder / "netsuite2_tran_acct_line_data.csv"):
        transaction, account = transactions.get(line["transaction"]), accounts.get(line["account"])
        amount = money(line["amount"]) if line["amount"] else None
        if books[line["accountingbook"]]["isprimary"] == "F":
            count.add("excluded", amount, rule="other_book")
        elif account and account["accttype"] not in ("Expense", "OthExpense", "COGS", "FixedAsset"):
            count.add("excluded", amount, rule="not_an_expense")
        elif transaction is None or account is None or amount is None:
            count.add("quarantined", amount)
        else:
            count.add("loaded", amount)
    return count


def netsuite1(folder: Path) -> Count:
    """Transaction lines. In this sandbox none posts."""
    count = Count()
    for line in rows(folder / "netsuite_transaction_lines_data.csv"):
        assert line["non_posting_line"] == "Yes"
        count.add("excluded", money(line["amount"]), rule="not_posting")
    return count


def aws(folder: Path) -> Count:
    """Unblended cost without tax lines, whose money is tax."""
    count = Count()
    for line in rows(folder / "sample-anonymous-aws-export-dataset.csv"):
        is_tax = line["lineItem/LineItemType"] == "Tax"
        count.add(
            "loaded", Decimal(0) if is_tax else money(line["lineItem/UnblendedCost"]), line["lineItem/CurrencyCode"]
        )
    return count


def aws_tax(folder: Path) -> Decimal:
    lines = rows(folder / "sample-anonymous-aws-export-dataset.csv")
    return sum(
        (money(line["lineItem/UnblendedCost"]) for line in lines if line["lineItem/LineItemType"] == "Tax"), Decimal(0)
    )


def azure(path: Path, status: str = "loaded") -> Count:
    """Every line, whichever of the two names its columns have."""
    count = Count()
    for line in rows(path):
        currency = line.get("BillingCurrencyCode") or line["BillingCurrency"]
        count.add(status, money(line.get("CostInBillingCurrency") or line["Cost"]), currency)
    return count


def oci(folder: Path) -> Count:
    """Every line, corrections among them."""
    count = Count()
    for line in rows(folder / "reports_cost-csv_0000000030000269.csv"):
        count.add("loaded", money(line["cost/myCost"]), line["cost/currencyCode"])
    return count


def oxford(folder: Path) -> Count:
    """Every line of both quarters, in pounds."""
    count = Count()
    for path in sorted(folder.glob("expenditure-over-500-*.csv")):
        for line in rows(path):
            count.add("loaded", money(line["Amount"]), "GBP")
    return count


def tryton(folder: Path) -> Count:
    """Numbered invoices; drafts have no number."""
    count = Count()
    for record in documents(folder / "account_invoice.json"):
        amount, currency = money(record["total_amount"]["decimal"]), record["currency"]["code"]
        if record["number"] is None:
            count.add("excluded", amount, currency, "draft")
        else:
            count.add("loaded", amount, currency)
    return count


def documents(path: Path, place: str | None = None) -> list[dict[str, Any]]:
    content = json.loads(path.read_text(encoding="utf-8"))
    return content[place] if place else content
