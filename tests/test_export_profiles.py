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
    "GitHub's people": (
        "GitHub com login,GitHub com name,GitHub com profile,GitHub com two-factor auth,License type,Total user accounts\n"
        "ana,Ana Diaz,https://github.com/ana,TRUE,Enterprise,1\nben,,https://github.com/ben,FALSE,,1\n",
        "select tool_name, person from raw.usage order by all",
        [("GitHub", "ana")],
    ),
}


@pytest.mark.parametrize(("text", "sql", "expected"), EXPORTS.values(), ids=EXPORTS)
def test_an_export_becomes_the_rows_that_it_says(tmp_path: Path, text: str, sql: str, expected: list[tuple[object, ...]]) -> None:
    with taken_in(company(tmp_path / "w", {"exports/some/export.csv": text}), tmp_path / "scratch") as (connection, work):
        assert work.refused == []
        assert rows(connection, sql) == expected
        assert rows(connection, "select count(*) from audit.quarantine") == [(0,)]
