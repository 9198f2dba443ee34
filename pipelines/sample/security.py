"""What the sample company does against what may go wrong: controls, risks, rehearsals, and an excerpt of a catalogue of exploited flaws."""

from collections.abc import Mapping

Row = Mapping[str, object]

CONTROL_NAMES = ["control_id", "name", "kind", "csf_function", "asset_class", "tool_name", "status", "initiative_id", "procedure_ref", "evidence_on", "cost_share", "annual_amount", "owner_id"]  # fmt: skip
CONTROLS = (
    ("mfa", "Second factor at sign-in", "technical", "protect", "users", "Okta Workforce Identity", "in_place", "zero-trust", "IT-017", "2026-09-15", "", "", "security"),
    ("edr", "Detection on laptops and servers", "technical", "detect", "devices", "CrowdStrike Falcon", "in_place", "", "", "2026-10-01", "", "", "security"),
    ("edr-us", "Detection on the other laptops", "technical", "detect", "devices", "Microsoft Defender for Endpoint", "in_place", "", "", "", "", "", "infra"),
    ("backup", "Daily backup", "technical", "recover", "data", "Veeam Backup & Replication", "partial", "backup-new", "IT-009", "2025-05-20", "", "", "infra"),
    ("restore-test", "Restore rehearsed twice a year", "process", "recover", "applications", "", "none", "backup-new", "", "", "", "", ""),
    ("leavers", "Access ends on the last day", "process", "protect", "users", "Okta Workforce Identity", "in_place", "", "HR-004", "2026-08-30", "", "9000.00", "chro"),
    ("incident-plan", "Plan for cyber incidents", "policy", "respond", "data", "", "partial", "", "IT-021", "2024-11-12", "", "4000.00", "cio"),
    ("segments", "Machines in networks of their own", "technical", "protect", "networks", "", "planned", "", "", "", "", "", "infra"),
    ("supplier-check", "Security questions to suppliers", "process", "govern", "data", "", "none", "", "", "", "", "", "cpo"),
    ("asset-list", "Every device is in the register", "process", "identify", "devices", "ServiceNow ITSM", "in_place", "", "IT-003", "2026-07-01", "0.05", "", "infra"),
    ("mail-data", "Files that leave are watched", "technical", "protect", "data", "Microsoft 365 E3", "in_place", "", "IT-030", "2026-06-12", "0.10", "", "infra"),
)  # fmt: skip

PLANNED: Mapping[str, Row] = {"segments": {"annual_amount": "24000.00", "chance_reduction_share": "0.30", "loss_reduction_share": "0.40"}}
"""What a control that is not in place would cost and take away."""

RISK_NAMES = ["risk_id", "name", "capability_id", "annual_probability", "annual_frequency", "loss_low_amount", "loss_high_amount", "inherent_probability", "inherent_frequency", "inherent_loss_high_amount", "treatment", "control_ids", "owner_id"]  # fmt: skip
RISKS = (
    ("ransomware", "Ransomware stops production", "BC-160.20", "0.08", "", 180_000, 2_900_000, "0.30", "", 4_200_000, "mitigate", "mfa edr backup restore-test", "cio"),
    ("erp-down", "The ERP is down for more than a day", "BC-520.40", "0.15", "", 40_000, 420_000, "", "", "", "mitigate", "backup", "coo"),
    ("mail-fraud", "A forged message redirects a payment", "BC-200.20", "", "0.25", 15_000, 260_000, "", "1.20", "", "mitigate", "mfa", "cfo"),
    ("origin-claim", "A customer claims damages over the origin of parts", "BC-510.30", "0.10", "", 60_000, 900_000, "", "", "", "accept", "supplier-check", "cpo"),
    ("design-theft", "Designs of pumps are stolen", "BC-820.20", "0.05", "", 200_000, 3_500_000, "", "", "", "mitigate", "leavers segments", "cto"),
    ("key-person", "The one who knows the machine interfaces leaves", "BC-720.30", "", "", "", "", "", "", "", "accept", "", "coo"),
)  # fmt: skip
"""The last one nobody has put into numbers."""

OBJECTIVES = {"BC-200.10": (24, 24), "BC-520.40": (8, 4), "BC-600.50": (12, 4), "BC-620.20": (4, 1), "BC-160.20": (24, 24)}
"""Capability -> hours until it must work again, and of work that may be lost; of two critical ones nobody has said."""
RESTORE_NAMES = ["capability_id", "tested_on", "restored_hours", "lost_hours", "is_passed", "evidence", "author"]
RESTORES = (
    ("BC-200.10", "2026-04-18", 9, 12, "yes", "IT-R-07", "Tanja Seidel"),
    ("BC-520.40", "2026-04-18", 31, 12, "yes", "IT-R-08", "Tanja Seidel"),
    ("BC-600.50", "2025-02-22", 10, 2, "yes", "IT-R-05", "Tanja Seidel"),
    ("BC-620.20", "2026-09-05", 3, 1, "no", "IT-R-09", "Uwe Kühne"),
)
RECOVERY = {"BC-200.10": "proven", "BC-520.40": "misses_objective", "BC-600.50": "test_is_old", "BC-620.20": "failed", "BC-160.20": "never_tested",
            "BC-620.30": "never_tested", "BC-720.30": "never_tested"}  # fmt: skip
"""Capability -> how surely it comes back."""

EXPLOITED_HEADER = ("cveID", "vendorProject", "product", "vulnerabilityName", "dateAdded", "shortDescription", "requiredAction", "dueDate",
                    "knownRansomwareCampaignUse", "notes", "cwes")  # fmt: skip
EXPLOITED = (
    ("CVE-2025-33053", "Microsoft", "Windows", "2025-06-10", "2025-07-01", "Unknown"),
    ("CVE-2025-32709", "Microsoft", "Windows", "2025-05-13", "2025-06-03", "Unknown"),
    ("CVE-2025-31324", "SAP", "NetWeaver", "2025-04-29", "2025-05-20", "Known"),
    ("CVE-2025-22225", "VMware", "ESXi", "2025-03-04", "2025-03-25", "Unknown"),
    ("CVE-2021-26086", "Atlassian", "Jira Server and Data Center", "2024-11-12", "2024-12-03", "Unknown"),
    ("CVE-2024-40711", "Veeam", "Backup & Replication", "2024-10-17", "2024-11-07", "Known"),
    ("CVE-2023-27532", "Veeam", "Backup & Replication", "2023-08-22", "2023-09-12", "Known"),
)
"""Seven flaws of CISA's catalogue (CC0): number, maker, product, taken in, to be mended by, used for ransomware."""
EXPLOITED_IN_USE = {"Microsoft Windows 11 Pro": 2, "Veeam Backup & Replication": 2, "Jira": 1}
"""Tool -> flaws of the excerpt that may be in it."""


def exploited_rows() -> list[tuple[object, ...]]:
    return [(cve, vendor, product, f"{vendor} {product} Vulnerability", added, "", "Apply mitigations per vendor instructions.", due, ransomware, "", "")
            for cve, vendor, product, added, due, ransomware in EXPLOITED]  # fmt: skip


def security() -> dict[str, list[Row]]:
    """Contract name -> rows."""
    return {
        "control": [dict(zip(CONTROL_NAMES, row, strict=True)) | PLANNED.get(row[0], {}) for row in CONTROLS],
        "risk": [dict(zip(RISK_NAMES, row, strict=True)) for row in RISKS],
        "restore_test": [dict(zip(RESTORE_NAMES, row, strict=True)) for row in RESTORES],
    }
