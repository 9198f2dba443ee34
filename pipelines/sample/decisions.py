"""What the sample company has decided: what its tools and vendors are for, and which spend is no technology."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.sample.roadmap import agreed
from pipelines.sample.strategy import INITIATIVES, LINKS, percent
from pipelines.sample.tools import BY_NAME, INFRASTRUCTURE, OTHER_NAMES, TOOLS
from pipelines.sample.vendors import aliases

AUTHOR, DECIDED = "g.hartung", "2026-02-16"
STALE = frozenset({"Tacton CPQ", "Personio"})
"""Tools whose mapping nobody has looked at for more than a year."""

VENDORS_SERVE = {
    "Bechtle": INFRASTRUCTURE,
    "Dell": INFRASTRUCTURE,
    "CDW": INFRASTRUCTURE,
    "Nordhessen Netzwerktechnik": INFRASTRUCTURE,
    "Amazon Web Services": INFRASTRUCTURE,
} | {
    BY_NAME[name].vendor: BY_NAME[name].uses[0].capability_id
    for name in ("Asana", "DocuSign", "Jira", "Zoom Workplace", "HubSpot Sales Hub", "Tableau", "Zendesk Suite", "Freshservice")
}
"""Vendors who sell for one purpose, so that a card payment without a product finds it too."""
ACCOUNTS_SERVE = {"6815": INFRASTRUCTURE, "6450": INFRASTRUCTURE}
COST_CENTERS_SERVE = {"4300": "BC-820.20"}

EXCLUDED = (
    ("gl_account", "6310", "Rent of buildings"),
    ("gl_account", "6325", "Power, gas and water"),
    ("vendor", "Lufthansa Group", "Travel"),
)
REPLACEMENT = ("Zoom Workplace", "Microsoft Teams Premium", 4_000, 12)
"""The tool that is to go, the one that stays, what the change costs, and the seats that are given up already."""
BUNDLED = ("Microsoft 365 E3", "Microsoft Windows 11 Pro")
"""A tool, and one that comes with it."""
COUNTED_FIRST = {"erp_de": 1, "ap_us": 1, "cloud": 1, "card": 2}
"""The place of each source where several hold a purchase: what the card pays is counted in the books."""
ALIGNED_CAPABILITIES = frozenset(link[1] for link in LINKS)


@dataclass(frozen=True)
class Purpose:
    """What money was found to be for: its capabilities, how they were found, and whether a priority needs them."""

    capability_ids: tuple[str, ...]
    method: str
    alignment: str


def purpose(initiative: str, tool: str | None, vendor: str, gl_account: str, cost_center: str) -> Purpose:
    """The initiative that a line names decides, else the first of tool, vendor, account and cost centre that is mapped."""
    if initiative:
        (capabilities, priority) = next((row[-1], row[4]) for row in INITIATIVES if row[0] == initiative)
        if not priority:
            raise ValueError(f"{initiative} serves no priority; the truth knows only initiatives that do")
        return Purpose(tuple(capabilities), "initiative", "aligned")
    uses = tuple(use.capability_id for use in BY_NAME[tool].uses) if tool else ()
    for method, found in (
        ("tool", uses),
        ("vendor", only(VENDORS_SERVE.get(vendor))),
        ("gl_account", only(ACCOUNTS_SERVE.get(gl_account))),
        ("cost_center", only(COST_CENTERS_SERVE.get(cost_center))),
    ):
        if found:
            aligned = {capability in ALIGNED_CAPABILITIES for capability in found}
            if len(aligned) > 1:
                raise ValueError(f"{tool or vendor} serves capabilities with and without a priority; the truth knows only whole lines")
            return Purpose(found, method, "aligned" if aligned.pop() else "misaligned")
    return Purpose((), "", "unmapped")


def only(capability: str | None) -> tuple[str, ...]:
    return (capability,) if capability else ()


def mapping_rows() -> list[Mapping[str, object]]:
    found: list[Mapping[str, object]] = []
    signed = {"author": AUTHOR, "decided_on": DECIDED}
    for tool in TOOLS:
        for use in tool.uses:
            found.append({
                "subject_kind": "tool", "subject": tool.name, "capability_id": use.capability_id, "weight": use.weight,
                "role": use.role, "fit": "" if use.fit is None else percent(use.fit), "author": AUTHOR,
                "decided_on": "2025-09-30" if tool.name in STALE else DECIDED,
            })  # fmt: skip
    for kind, served in (("vendor", VENDORS_SERVE), ("gl_account", ACCOUNTS_SERVE), ("cost_center", COST_CENTERS_SERVE)):
        for subject, capability in served.items():
            found.append({"subject_kind": kind, "subject": subject, "capability_id": capability, "weight": 1, **signed})
    return found


def decisions() -> dict[str, list[Mapping[str, object]]]:
    """Contract name -> rows."""
    signed = {"author": AUTHOR, "decided_on": DECIDED}
    return {
        "mapping": mapping_rows(),
        "vendor_alias": [{"alias": spelling, "vendor_name": vendor} | signed for spelling, vendor in aliases()],
        "tool_alias": [{"alias": other, "tool_name": tool} | signed for other, tool in OTHER_NAMES.items()],
        "replacement": [dict(zip(("tool_name", "by_tool_name", "switching_amount", "seats_reclaimed"), REPLACEMENT, strict=True)) | signed],
        "bundle": [dict(zip(("bundle_name", "tool_name"), BUNDLED, strict=True)) | signed],
        "source_order": [{"source_name": source, "place": place} | signed for source, place in COUNTED_FIRST.items()],
        "exclusion": [{"subject_kind": kind, "subject": subject, "reason": reason} | signed for kind, subject, reason in EXCLUDED],
        **agreed(signed),
    }
