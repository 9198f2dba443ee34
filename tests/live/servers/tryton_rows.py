"""Runs inside Tryton's own environment: makes a company with supplier invoices through Tryton's client library, and prints the key of its REST API.

Usage: tryton_rows.py CONFIG DATABASE ROWS, where ROWS is JSON: [[supplier, amount, state], ...].
"""

import datetime as dt
import json
import sys
from decimal import Decimal

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company

settings, database, rows = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
config.set_trytond(database, config_file=settings)
create_company()
create_chart(company=get_company())
fiscalyear = set_fiscalyear_invoice_sequences(create_fiscalyear(today=dt.date(2026, 6, 30)))
fiscalyear.click("create_period")
expense = get_accounts()["expense"]

Party, Invoice, Journal = Model.get("party.party"), Model.get("account.invoice"), Model.get("account.journal")
suppliers = {}
for number, (supplier, amount, state) in enumerate(rows, 1):
    if supplier not in suppliers:
        suppliers[supplier] = Party(name=supplier)
        suppliers[supplier].save()
    invoice = Invoice(type="in", party=suppliers[supplier], invoice_date=dt.date(2026, 3, 5), reference=f"R{number}")
    line = invoice.lines.new()
    line.account, line.description, line.quantity, line.unit_price = expense, "Licences", 1, Decimal(amount)
    invoice.save()
    if state in ("validated", "posted", "cancelled"):
        invoice.click("validate_invoice")
    if state == "posted":
        invoice.click("post")
    if state == "cancelled":
        invoice.click("cancel")

Application, User = Model.get("res.user.application"), Model.get("res.user")
(admin,) = User.find([("login", "=", "admin")])
application = Application(user=admin, application="rest")
application.save()
print(json.dumps({"key": application.key, "state": application.state}))
