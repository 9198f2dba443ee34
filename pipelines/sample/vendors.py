"""Sixty vendors and the 120 ways in which three sets of books and a card statement spell them."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Vendor:
    """A vendor, and its spellings in the German books, the American books and on the card statement."""

    name: str
    de: tuple[str, ...] = ()
    us: tuple[str, ...] = ()
    card: tuple[str, ...] = ()
    cloud: tuple[str, ...] = ()

    def spellings(self, channel: str) -> tuple[str, ...]:
        return {"erp_de": self.de, "ap_us": self.us, "card": self.card, "cloud": self.cloud}[channel]

    @property
    def all_spellings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.de + self.us + self.card + self.cloud))


VENDORS = (
    Vendor("SAP", de=("SAP Deutschland SE & Co. KG", "SAP SE", "SAP Dtl. SE + Co KG")),
    Vendor("Intuit", us=("Intuit Inc.", "INTUIT *QUICKBOOKS ONLINE")),
    Vendor("Basware", de=("Basware GmbH", "BASWARE OYJ")),
    Vendor("Anaplan", de=("Anaplan Ltd", "Anaplan Inc, München")),
    Vendor("Salesforce", de=("salesforce.com Germany GmbH", "SFDC Ireland Ltd.", "Salesforce")),
    Vendor("HubSpot", us=("HubSpot, Inc.", "Hubspot Inc", "HUBSPOT INC CAMBRIDGE MA")),
    Vendor("Tacton", de=("Tacton Systems AB", "Tacton")),
    Vendor("Zendesk", us=("Zendesk Inc", "ZENDESK, INC. - SUITE")),
    Vendor("MPDV", de=("MPDV Mikrolab GmbH", "MPDV")),
    Vendor("ServiceNow", de=("ServiceNow Nederland B.V.", "Service-now.com GmbH", "ServiceNow")),
    Vendor("Freshworks", us=("Freshworks Inc.", "FRESHWORKS INC SAN MATEO")),
    Vendor("Amazon Web Services", cloud=("Amazon Web Services EMEA SARL",)),
    Vendor("Broadcom", de=("VMware International Unlimited Company", "Broadcom (VMware)")),
    Vendor("Microsoft", de=("Microsoft Ireland Operations Ltd", "Microsoft Deutschland GmbH", "MICROSOFT IRELAND OPS.", "Microsoft"),
           card=("MICROSOFT*STORE",)),
    Vendor("Tableau", us=("Tableau Software, LLC", "Tableau Software")),
    Vendor("Okta", de=("Okta UK Ltd", "OKTA INC.")),
    Vendor("CrowdStrike", de=("CrowdStrike GmbH", "Crowdstrike Inc")),
    Vendor("Veeam", de=("Veeam Software Group GmbH", "Veeam")),
    Vendor("Dassault Systèmes", de=("Dassault Systemes SolidWorks Corp", "DASSAULT SYSTÈMES SE", "3DS Dassault Systemes Deutschland")),
    Vendor("Zoom", us=("Zoom Video Communications Inc.", "Zoom"), card=("ZOOM.US 888-799-9666",)),
    Vendor("Cisco", de=("Cisco Systems International B.V.", "Cisco WebEx LLC")),
    Vendor("Atlassian", de=("Atlassian Pty Ltd", "ATLASSIAN B.V."), card=("ATLASSIAN AMSTERDAM",)),
    Vendor("Asana", us=("Asana, Inc.", "ASANA INC"), card=("ASANA.COM SAN FRANCISCO",)),
    Vendor("monday.com", de=("monday.com Ltd", "Monday.com LTD Tel Aviv")),
    Vendor("DocuSign", de=("DocuSign Germany GmbH", "Docusign Intl. (EMEA)"), card=("DOCUSIGN INC",)),
    Vendor("Adobe", us=("Adobe Inc.", "Adobe Systems Inc"), card=("ADOBE *CREATIVE CLD",)),
    Vendor("Personio", de=("Personio SE & Co. KG", "Personio GmbH")),
    Vendor("Semrush", card=("SEMRUSH.COM BOSTON", "SEMRUSH INC")),
    Vendor("Slack", card=("PAYPAL *SLACK", "SLACK T02QK9 DUBLIN")),
    Vendor("Notion", card=("NOTION LABS, INC.", "PADDLE.NET* NOTION")),
    Vendor("Miro", card=("MIRO.COM", "REALTIMEBOARD INC")),
    Vendor("OpenAI", card=("OPENAI *CHATGPT SUBSCR", "OPENAI LLC")),
    Vendor("Dropbox", card=("DROPBOX*7JQ2XW DUBLIN", "PAYPAL *DROPBOX")),
    Vendor("GitHub", card=("GITHUB, INC.", "GITHUB.COM 4HTQ SF")),
    Vendor("Figma", card=("FIGMA MONTHLY RENEWAL", "FIGMA INC")),
    Vendor("Bechtle", de=("Bechtle GmbH", "Bechtle Systemhaus Kassel", "BECHTLE AG")),
    Vendor("Dell", de=("Dell GmbH", "DELL Technologies Deutschland")),
    Vendor("Lenovo", de=("Lenovo (Deutschland) GmbH",)),
    Vendor("Deutsche Telekom", de=("Telekom Deutschland GmbH", "Deutsche Telekom AG")),
    Vendor("Vodafone", de=("Vodafone GmbH", "Vodafone West")),
    Vendor("Kehl & Brandt IT-Beratung", de=("Kehl & Brandt IT-Beratung GmbH", "Kehl+Brandt IT Beratung")),
    Vendor("Rademaker Datenservice", de=("Rademaker Datenservice", "Rademaker Daten-Service")),
    Vendor("Nordhessen Netzwerktechnik", de=("Nordhessen Netzwerktechnik GmbH", "NH Netzwerktechnik")),
    Vendor("Sander Kopiersysteme", de=("Sander Kopiersysteme",)),
    Vendor("Keller CAD-Schulung", de=("Keller CAD-Schulung",)),
    Vendor("Fuldablick Immobilien", de=("Fuldablick Immobilien GmbH",)),
    Vendor("Energie Fuldatal", de=("Energie Fuldatal GmbH",)),
    Vendor("Gartner", de=("Gartner Deutschland GmbH",)),
    Vendor("CDW", us=("CDW Direct, LLC", "CDW")),
    Vendor("Verizon", us=("Verizon Wireless", "VERIZON")),
    Vendor("AT&T", us=("AT&T Mobility", "AT & T")),
    Vendor("Miami Valley Tech Partners", us=("Miami Valley Tech Partners LLC",)),
    Vendor("Insight", us=("Insight Direct USA, Inc.",)),
    Vendor("Iron Mountain", us=("Iron Mountain Inc",)),
    Vendor("Buckeye Fiber", us=("Buckeye Fiber LLC",)),
    Vendor("Amazon", card=("AMZN Mktp DE*2K4TR81", "AMAZON.COM SEATTLE")),
    Vendor("Apple", card=("APPLE.COM/BILL",)),
    Vendor("LinkedIn", card=("LINKEDIN PRE 10447",)),
    Vendor("Lufthansa Group", card=("Lufthansa Group",)),
    Vendor("Google", card=("GOOGLE *WORKSPACE_TARNB", "GOOGLE IRELAND LIMITED")),
)  # fmt: skip

BY_NAME = {vendor.name: vendor for vendor in VENDORS}
LEGAL_FORMS = frozenset({"inc", "ltd", "gmbh", "ag", "se", "llc"})
LEFT_OPEN = frozenset({"LINKEDIN PRE 10447"})
"""Spellings that nobody has decided on and that nothing else in the company names; what they pay for has no capability."""
UNDECIDED = LEFT_OPEN | {"DROPBOX*7JQ2XW DUBLIN", "Rademaker Daten-Service", "PADDLE.NET* NOTION"}
"""Spellings that nobody has decided on: the rules of the resolution must find their vendors."""


def bare(name: str) -> str:
    """A name without case, full stops, commas and a legal form at its end: what any matching sees as the same."""
    words = re.sub(r"[.,]", "", name.casefold()).split()
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in LEGAL_FORMS else words)


def aliases() -> list[tuple[str, str]]:
    """(spelling, vendor) for the spellings that a person has decided on."""
    return [
        (spelling, vendor.name)
        for vendor in VENDORS
        for spelling in vendor.all_spellings
        if bare(spelling) != bare(vendor.name) and spelling not in UNDECIDED
    ]
