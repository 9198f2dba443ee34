"""Forty tools: what each costs, who has a seat, who uses it, and what it is for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """A capability that a tool serves. `fit` in percent; None: nobody has assessed it."""

    capability_id: str
    fit: int | None = 80
    weight: int = 1
    role: str = "leading"


@dataclass(frozen=True)
class Tool:
    """One tool. `annual`: whole units of `currency` a year in the first month; `books`: the export its invoices are in.

    `active` of `assigned` people used it in the last 90 days, out of `seats` bought; `pool` says whose they are.
    """

    name: str
    vendor: str
    category: str
    books: str | None
    annual: int
    currency: str
    billing: str
    seats: int
    assigned: int
    active: int
    pool: str
    uses: tuple[Use, ...]
    criticality: int
    business_owner: str | None
    it_owner: str | None
    functional: int
    technical: int
    purpose: str
    hosting: str = "SaaS"
    growth: int = 3
    """Rise of the invoices from month to month, in thousandths."""
    stage: str = "Operational"
    end_of_life: str = ""


VIDEO, PROJECTS, BI, ENDPOINT = "BC-830.30", "BC-900.30", "BC-610.50", "BC-620.30"
PIPELINE, DESK, SIGNING, INFRASTRUCTURE = "BC-410.30", "BC-600.30", "BC-150.10", "BC-600.50"

TOOLS = (
    Tool("SAP S/4HANA", "SAP", "ERP", "erp_de", 486_000, "EUR", "quarterly", 240, 228, 201, "kassel",
         (Use("BC-200.10", 85, 3), Use("BC-500.30", 80, 2), Use("BC-520.40", 80, 3)), 1, "cfo", "apps", 80, 75,
         "Ledger, purchasing and order handling in Kassel", "On premise"),
    Tool("QuickBooks Online Advanced", "Intuit", "Accounting", "ap_us", 9_600, "USD", "monthly", 12, 9, 8, "dayton",
         (), 2, "cfo", "apps", 60, 60, "Books of the American company"),
    Tool("Basware AP Automation", "Basware", "Accounts payable", "erp_de", 58_000, "EUR", "yearly", 30, 24, 21, "finance",
         (Use("BC-200.20", 85),), 3, "cfo", "apps", 80, 80, "Reads and routes supplier invoices"),
    Tool("Anaplan", "Anaplan", "Planning", "erp_de", 96_000, "EUR", "yearly", 60, 41, 9, "kassel",
         (Use("BC-230.20", 35),), 3, None, "apps", 35, 70, "Sales and liquidity forecast"),
    Tool("Salesforce Sales Cloud", "Salesforce", "CRM", "erp_de", 142_000, "EUR", "quarterly", 90, 78, 55, "customer",
         (Use(PIPELINE, 85),), 2, "cso", "apps", 85, 80, "Leads, opportunities and accounts"),
    Tool("HubSpot Sales Hub", "HubSpot", "CRM", "ap_us", 34_800, "USD", "monthly", 32, 30, 26, "dayton",
         (Use(PIPELINE, 70),), 3, "cso", None, 70, 75, "Pipeline of the American sales team"),
    Tool("Tacton CPQ", "Tacton", "CPQ", "erp_de", 74_000, "EUR", "yearly", 40, 35, 30, "customer",
         (Use("BC-410.40", 80),), 2, "cso", "apps", 80, 70, "Configures and prices pumps"),
    Tool("Zendesk Suite", "Zendesk", "Customer service", "ap_us", 46_000, "USD", "monthly", 45, 42, 38, "customer",
         (Use("BC-430.10", 80),), 2, "service", "apps", 80, 85, "Questions and complaints of customers"),
    Tool("Planning Workbook", "", "Planning", None, 0, "EUR", "monthly", 0, 0, 0, "kassel",
         (Use("BC-520.20", 30),), 2, "coo", None, 30, 20, "Spreadsheet in which production is planned", "Homegrown"),
    Tool("MPDV HYDRA", "MPDV", "MES", "erp_de", 61_000, "EUR", "yearly", 60, 52, 49, "kassel",
         (Use("BC-720.30", None),), 1, "coo", "apps", 75, 55, "Machine data and quality checks", "On premise"),
    Tool("ServiceNow ITSM", "ServiceNow", "Service desk", "erp_de", 88_000, "EUR", "quarterly", 40, 33, 29, "it",
         (Use(DESK, 85),), 2, "cio", "infra", 85, 85, "Incidents, requests and changes"),
    Tool("Freshservice", "Freshworks", "Service desk", "ap_us", 14_400, "USD", "monthly", 12, 10, 9, "dayton",
         (Use(DESK, 60),), 3, "cio", "infra", 60, 75, "Service desk of the American company"),
    Tool("Amazon Web Services", "Amazon Web Services", "Cloud", "cloud", 0, "USD", "monthly", 0, 0, 0, "it",
         (Use(INFRASTRUCTURE, 80, 3),), 1, "cio", "infra", 80, 85, "Servers, storage and databases", "Third Party Hosted"),
    Tool("VMware vSphere", "Broadcom", "Virtualisation", "erp_de", 67_000, "EUR", "yearly", 0, 0, 0, "it",
         (Use(INFRASTRUCTURE, 70, 1, "supporting"),), 1, "cio", "infra", 70, 50, "Virtual machines in Kassel", "On premise"),
    Tool("Microsoft 365 E3", "Microsoft", "Office", "erp_de", 158_000, "EUR", "monthly", 430, 412, 395, "all",
         (Use("BC-850.10", 80),), 1, "chro", "infra", 85, 85, "Mail, files and office programs"),
    Tool("Microsoft Teams Premium", "Microsoft", "Video meetings", "erp_de", 21_600, "EUR", "monthly", 180, 150, 121, "kassel",
         (Use(VIDEO, 80),), 2, "chro", "infra", 80, 85, "Meetings and calls"),
    Tool("Microsoft Power BI", "Microsoft", "BI", "erp_de", 23_500, "EUR", "monthly", 140, 122, 84, "kassel",
         (Use(BI, 85),), 3, "cfo", "apps", 85, 85, "Reports"),
    Tool("Microsoft Defender for Endpoint", "Microsoft", "Endpoint security", "erp_de", 25_800, "EUR", "monthly", 430, 412, 0, "all",
         (Use(ENDPOINT, 75),), 2, "cio", "security", 75, 80, "Protection of laptops and servers"),
    Tool("Microsoft Windows 11 Pro", "Microsoft", "Operating system", None, 0, "EUR", "once", 486, 0, 0, "all",
         (), 1, "cio", "infra", 80, 80, "Comes with the laptops", "On premise"),
    Tool("Tableau", "Tableau", "BI", "ap_us", 39_000, "USD", "yearly", 45, 38, 14, "dayton",
         (Use(BI, 70),), 3, None, "apps", 70, 75, "Dashboards of the American company"),
    Tool("Okta Workforce Identity", "Okta", "Identity", "erp_de", 52_000, "USD", "yearly", 430, 412, 409, "all",
         (Use("BC-620.20", 85),), 1, "cio", "security", 85, 90, "Single sign-on"),
    Tool("CrowdStrike Falcon", "CrowdStrike", "Endpoint security", "erp_de", 63_000, "USD", "yearly", 450, 431, 0, "all",
         (Use(ENDPOINT, 90),), 1, "cio", "security", 90, 90, "Protection of laptops and servers"),
    Tool("Veeam Backup & Replication", "Veeam", "Backup", "erp_de", 18_500, "EUR", "yearly", 0, 0, 0, "it",
         (Use("BC-160.20", 40),), 1, "cio", "infra", 45, 30, "Backup, in a version its maker has given up", "On premise",
         stage="End of Life", end_of_life="2026-03-31"),
    Tool("SOLIDWORKS", "Dassault Systèmes", "CAD", "erp_de", 118_000, "EUR", "quarterly", 70, 58, 53, "engineering",
         (Use("BC-820.20", 85),), 1, "cto", "apps", 85, 80, "Design of pumps", "On premise"),
    Tool("Zoom Workplace", "Zoom", "Video meetings", "ap_us", 48_000, "USD", "monthly", 210, 186, 97, "all",
         (Use(VIDEO, 80),), 3, "chro", "infra", 80, 85, "Meetings with customers"),
    Tool("Cisco Webex", "Cisco", "Video meetings", "erp_de", 26_400, "EUR", "yearly", 120, 88, 17, "kassel",
         (Use(VIDEO, 60),), 4, None, "infra", 60, 60, "Meeting rooms in Kassel"),
    Tool("Jira", "Atlassian", "Project tracking", "erp_de", 28_000, "USD", "monthly", 150, 137, 103, "kassel",
         (Use(PROJECTS, 80),), 3, "cto", "apps", 80, 80, "Work of engineering and IT"),
    Tool("Asana", "Asana", "Project tracking", "ap_us", 21_600, "USD", "monthly", 80, 71, 44, "dayton",
         (Use(PROJECTS, 70),), 4, "service", None, 70, 75, "Work of service and marketing"),
    Tool("monday.com", "monday.com", "Project tracking", "erp_de", 16_800, "EUR", "quarterly", 60, 49, 20, "customer",
         (Use(PROJECTS, 65),), 4, "cso", None, 65, 70, "Campaigns and trade fairs"),
    Tool("DocuSign", "DocuSign", "Signing", "erp_de", 19_200, "EUR", "yearly", 50, 44, 31, "customer",
         (Use(SIGNING, 80),), 3, "cfo", "apps", 80, 80, "Signs contracts"),
    Tool("Adobe Acrobat Sign", "Adobe", "Signing", "ap_us", 12_900, "USD", "monthly", 40, 36, 12, "dayton",
         (Use(SIGNING, 70),), 4, "cfo", "apps", 70, 75, "Signs contracts in Dayton"),
    Tool("Adobe Creative Cloud", "Adobe", "Design", "ap_us", 15_600, "USD", "monthly", 18, 15, 13, "marketing",
         (), 4, "cso", None, 80, 80, "Brochures and pictures"),
    Tool("Personio", "Personio", "HR", "erp_de", 44_000, "EUR", "yearly", 412, 412, 301, "all",
         (Use("BC-300.70", 80),), 2, "chro", "apps", 80, 80, "Personnel files and payroll"),
    Tool("Semrush", "Semrush", "Marketing", "card", 5_800, "USD", "monthly", 4, 3, 2, "marketing",
         (), 4, None, None, 60, 60, "Watches search engines"),
    Tool("Slack", "Slack", "Chat", "card", 8_400, "EUR", "monthly", 60, 52, 40, "engineering",
         (), 4, "cto", None, 70, 80, "Chat of engineering"),
    Tool("Notion", "Notion", "Notes", "card", 4_300, "USD", "monthly", 35, 31, 19, "marketing",
         (), 4, None, None, 65, 70, "Notes and wiki"),
    Tool("Miro", "Miro", "Whiteboard", "card", 5_100, "USD", "monthly", 30, 24, 8, "customer",
         (), 4, None, None, 70, 75, "Whiteboards"),
    Tool("ChatGPT Business", "OpenAI", "AI", "card", 13_800, "USD", "monthly", 40, 40, 37, "engineering",
         (), 4, None, None, 70, 60, "Writes and translates", growth=22),
    Tool("Dropbox Business", "Dropbox", "File sharing", "card", 6_200, "EUR", "monthly", 25, 20, 6, "dayton",
         (), 4, None, None, 55, 60, "Drawings for customers"),
    Tool("GitHub Enterprise", "GitHub", "Software development", "card", 9_100, "USD", "monthly", 25, 23, 22, "engineering",
         (), 3, "cto", "apps", 80, 85, "Source code of the pump controllers"),
)  # fmt: skip

BY_NAME = {tool.name: tool for tool in TOOLS}

OTHER_NAMES = {
    "Amazon Elastic Compute Cloud": "Amazon Web Services",
    "Amazon Simple Storage Service": "Amazon Web Services",
    "Amazon Relational Database Service": "Amazon Web Services",
    "AWS Lambda": "Amazon Web Services",
    "Amazon CloudWatch": "Amazon Web Services",
    "Amazon Virtual Private Cloud": "Amazon Web Services",
    "AWS Backup": "Amazon Web Services",
    "Power BI Pro": "Microsoft Power BI",
    "Microsoft Defender for Endpoint P2": "Microsoft Defender for Endpoint",
    "Office 365": "Microsoft 365 E3",
    "Jira Software": "Jira",
    "SOLIDWORKS Premium": "SOLIDWORKS",
    "Windows 11 Pro OEM": "Microsoft Windows 11 Pro",
    "SFDC": "Salesforce Sales Cloud",
    "SAP ERP": "SAP S/4HANA",
}
"""Names that other systems have for a tool."""
