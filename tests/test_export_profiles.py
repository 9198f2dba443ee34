"""Exports of systems whose real files we may not ship: a small one of each, made here, becomes the rows that it says."""

from pathlib import Path

import pytest
from small import company, rows, taken_in

EXPORTS = {
    "Jira's data pipeline": (
        "id,instance_url,url,key,project_key,project_name,issue_type,summary,status,priority_name,resolution,created_date,resolution_date,components\r\n"
        '10002,https://jira.example.com,https://jira.example.com/browse/IT-7,IT-7,IT,IT Service,Incident,"Mail, down",Done,High,Fixed,2026-03-04T10:00:00Z,2026-03-04T12:30:00Z,Exchange\r\n'
        "10003,https://jira.example.com,https://jira.example.com/browse/IT-8,IT-8,IT,IT Service,Task,Order a chair,Open,Low,,2026-03-05T09:00:00Z,,\r\n",
        "select ticket_id, kind, title, tool_name, opened_at::varchar, resolved_at::varchar from raw.ticket order by all",
        [("IT-7", "incident", "Mail, down", "Exchange", "2026-03-04 10:00:00", "2026-03-04 12:30:00"), ("IT-8", None, "Order a chair", None, "2026-03-05 09:00:00", None)],
    ),
    "Intune's aggregate": (
        "ApplicationId,ApplicationKey,ApplicationName,ApplicationPublisher,ApplicationShortVersion,ApplicationVersion,DeviceCount,Platform\n"
        "0001,k-1,7-Zip,Igor Pavlov,24.08,24.08.0.0,312,Windows\n0002,k-2,Figma,Figma Inc.,,124.1,17,macOS\n",
        "select tool_id, name, vendor_name, version, kind from raw.tool order by all",
        [("k-1", "7-Zip", "Igor Pavlov", "24.08", "on_prem"), ("k-2", "Figma", "Figma Inc.", "124.1", "on_prem")],
    ),
    "Intune's raw data": (
        "ApplicationId,ApplicationKey,ApplicationName,ApplicationPublisher,ApplicationVersion,Platform,DeviceId,DeviceName,OSDescription,OSVersion,UserId,EmailAddress,UserName\n"
        "0001,k-1,Figma,Figma Inc.,124.1,macOS,d-1,MAC-1,macOS,15.1,u-1,ana@example.com,Ana\n0001,k-1,Figma,Figma Inc.,124.1,macOS,d-2,KIOSK,macOS,15.1,,,\n",
        "select tool_name, person from raw.usage order by all",
        [("Figma", "ana@example.com")],
    ),
    "a card's statement": (
        "Transaction ID,Transaction Date,Posting Date,Merchant Name,MCC,Amount,Currency,Status\n"
        "t1,2026-03-03,2026-03-04,ZOOM.US,5734,15.99,USD,Posted\nt2,2026-03-05,2026-03-06,Payment - Thank You,0000,-500.00,USD,Posted\nt3,2026-03-05,2026-03-06,BOX,5734,9.00,USD,Declined\n",
        "select rule, sum(record_count)::int, sum(amount)::decimal(18, 2)::varchar from audit.record group by all order by all",
        [("declined", 1, "9.00"), ("payments of the card", 1, "-500.00"), (None, 1, "15.99")],
    ),
    "GitHub's people": (
        "GitHub com login,GitHub com name,GitHub com profile,GitHub com two-factor auth,License type,Total user accounts\n"
        "ana,Ana Diaz,https://github.com/ana,TRUE,Enterprise,1\nben,,https://github.com/ben,FALSE,,1\n",
        "select tool_name, person from raw.usage order by all",
        [("GitHub", "ana")],
    ),
    "Datto RMM's devices": (
        "Device UID,Site Name,Device Hostname,Device Description,Device Type,Operating System,Status,Last Seen,Serial Number,Manufacturer,Device Model,Warranty Exp. Date\n"
        "u-1,Head office,ACME-DC1,Domain controller,Server,Microsoft Windows Server 2019 Standard,Online,2026-01-30,S1,Dell Inc.,PowerEdge R440,2027-03-31\n"
        "u-2,Head office,ACME-LT1,,Laptop,Microsoft Windows 11 Pro,Offline,2026-01-29,S2,LENOVO,20W0,\n",
        "select tool_id, name, vendor_name, category, kind, description, end_of_life_on::varchar from raw.tool order by all",
        [("u-1", "ACME-DC1", "Dell Inc.", "Server", "on_prem", "PowerEdge R440, Microsoft Windows Server 2019 Standard", "2027-03-31")],
    ),
    "Autotask's tickets": (
        "Ticket Number,Title,Company,Created,Status,Priority,Queue,Issue Type,Sub-Issue Type,Source,Complete Date\n"
        "T20260304.0001,Mail down,Acme,2026-03-04 10:00,Complete,High,Service Desk,E-mail,Outage,Phone,2026-03-04 12:30\n"
        "T20260314.0002,New laptop,Acme,2026-03-14 09:00,New,Medium,Service Desk,Hardware,,E-mail,\n",
        "select ticket_id, title, category, org_unit, assignment_group, opened_at::varchar, resolved_at::varchar from raw.ticket order by all",
        [("T20260304.0001", "Mail down", "E-mail / Outage", "Acme", "Service Desk", "2026-03-04 10:00:00", "2026-03-04 12:30:00"),
         ("T20260314.0002", "New laptop", "Hardware", "Acme", "Service Desk", "2026-03-14 09:00:00", None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "sql", "expected"), EXPORTS.values(), ids=EXPORTS)
def test_an_export_becomes_the_rows_that_it_says(tmp_path: Path, text: str, sql: str, expected: list[tuple[object, ...]]) -> None:
    with taken_in(company(tmp_path / "w", {"exports/some/export.csv": text}), tmp_path / "scratch") as (connection, work):
        assert work.refused == []
        assert rows(connection, sql) == expected
        assert rows(connection, "select count(*) from audit.quarantine") == [(0,)]


def test_a_ledger_that_numbers_anew_each_year_loses_no_document(tmp_path: Path) -> None:
    header = "Buchungskreis;Belegnummer;Zeile;Belegart;Buchungsdatum;Kreditorenname;Sachkonto;Betrag;Währung\n"
    files = {
        "exports/sap/2025-12.csv": header + "1000;1900000001;1;KR;05.12.2025;Adobe;4760;100,00;EUR\n",
        "exports/sap/2026-01.csv": header + "1000;1900000001;1;KR;07.01.2026;Zoom;4760;50,00-;EUR\n",
        "exports/sap/2026-01 new.csv": header + "1000;1900000001;1;KR;07.01.2026;Zoom;4760;55,00;EUR\n",
    }
    with taken_in(company(tmp_path / "w", files), tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select posted_on::varchar, amount::int from raw.spend_line order by all") == [("2025-12-05", 100), ("2026-01-07", 55)]
