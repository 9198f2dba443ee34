"""`python -m pipelines.bench.mapping`: how often the capability that people chose is among the three suggested.

The sample company is always measured, each tool with the others' mappings as examples and once without any. With
`--labels DIR` so is each pair NAME.capabilities.csv (capability_id, name, parent_id, description) and NAME.tools.csv (name,
category, description, annual_amount, capability_ids with spaces between) in the folder: labels that others made. They are compared with, never
looked up, and none is shipped.

The curve of `connectors.purpose.CALIBRATION` is a logistic regression of «the first suggestion is right» on the sum and its lead, over 1,085
tools that have a category or a description: 800 products of a public list of web technologies, and one half of seven public lists of other kinds
(capability areas, a software company's applications, software that people host themselves, a government's standards, online services). It was tried
on the other halves, on 510 more web technologies and on four more lists: .98 of the 378 that were sure enough were right, and .95 in each list but
one of 31 tools (11 of 12) and one of 59 (3 of 4). A name alone is never sure enough: where it was all, .85 of what would have been was right.

The tables were extended after reading what one half of each list missed. In the halves whose misses were not read the chosen capability is among
three for .89 of 438 tools with a category or a description, and for .64 of 759 with nothing but a name. Before any miss of a list was read it was
for .81 of 509 with a description: least (.76) in a list of tools for administrators, most (.89) in one of business software.
"""

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from connectors import catalogue
from connectors.purpose import Goal, Subject, Suggestion, suggest
from pipelines.sample.strategy import CAPABILITIES
from pipelines.sample.tools import TOOLS
from pipelines.settings import THRESHOLDS

Labels = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Company:
    """Capabilities, tools, which capabilities people chose for them, and what they cost a year."""

    name: str
    goals: tuple[Goal, ...]
    tools: tuple[Subject, ...]
    truth: Labels
    money: Mapping[str, Decimal]


def wider(parent_id: str | None, parents: Mapping[str, tuple[str, str | None]]) -> tuple[str, ...]:
    """The names of the capabilities above."""
    found: list[str] = []
    while parent_id in parents and len(found) < 5:
        name, parent_id = parents[parent_id]
        found.append(name)
    return tuple(found)


def labelled(folder: Path, name: str) -> Company:
    """A labelled company out of its two files."""

    def rows(part: str) -> list[dict[str, str]]:
        with (folder / f"{name}.{part}.csv").open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))

    capabilities, tools = rows("capabilities"), rows("tools")
    parents = {row["capability_id"]: (row["name"], row.get("parent_id")) for row in capabilities}
    return Company(
        name,
        tuple(Goal(row["capability_id"], row["name"], row.get("description", ""), wider(row.get("parent_id"), parents)) for row in capabilities),
        tuple(Subject(row["name"], row["name"], row.get("category", ""), row.get("description", "")) for row in tools),
        {row["name"]: frozenset(row["capability_ids"].split()) for row in tools},
        {row["name"]: Decimal(row.get("annual_amount") or 0) for row in tools},
    )


def sample() -> Company:
    """The sample company as its own files tell it."""
    listed = [catalogue.find(capability_id) for capability_id in CAPABILITIES]
    return Company(
        "sample company",
        tuple(Goal(c.capability_id, c.name, c.description, tuple(w.name for w in catalogue.wider(c))) for c in listed if c),
        tuple(Subject(tool.name, tool.name, tool.category, tool.purpose, tool.vendor) for tool in TOOLS),
        {tool.name: frozenset(use.capability_id for use in tool.uses) for tool in TOOLS if tool.uses},
        {tool.name: Decimal(tool.annual) for tool in TOOLS},
    )


def answers(company: Company, with_examples: bool) -> dict[str, tuple[Suggestion, ...]]:
    """The suggestions for each labelled tool; its own label is hidden, and all others too without examples."""
    if not with_examples:
        return {name: found for name, found in suggest(company.tools, company.goals, {}).items() if company.truth.get(name)}
    shares = {name: {capability_id: 1 / len(chosen) for capability_id in chosen} for name, chosen in company.truth.items() if chosen}
    by_id = {tool.subject_id: tool for tool in company.tools}
    found = {}
    for name in shares:
        others = {other: share for other, share in shares.items() if other != name}
        found[name] = suggest([by_id[name], *(by_id[other] for other in others)], company.goals, others)[name]
    return found


def share(part: Sequence[str], whole: Sequence[str], money: Mapping[str, Decimal]) -> str:
    """A share by count and by money; «none» of nothing."""
    if not whole:
        return "none"
    by_money = sum(money.get(name, Decimal(0)) for name in part) / (sum(money.get(name, Decimal(0)) for name in whole) or 1)
    return f"{len(part) / len(whole):.3f} ({by_money:.3f} by money)"


def told(company: Company, with_examples: bool, sure: float) -> str:
    """The figures of a company in one line."""
    found = answers(company, with_examples)
    names = sorted(found)
    among = [name for name in names if any(s.capability_id in company.truth[name] for s in found[name])]
    first = [name for name in names if found[name] and found[name][0].capability_id in company.truth[name]]
    taken = [name for name in names if found[name] and found[name][0].confidence >= sure]
    kind = "others as examples" if with_examples else "no examples"
    right = [name for name in taken if name in first]
    return (
        f"{company.name}, {kind}: {len(names)} tools, top-3 recall {share(among, names, company.money)}, first right {share(first, names, company.money)}, "
        f"{len(taken)} sure enough, precision of these {share(right, taken, company.money)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="How well capabilities are suggested for tools.")
    parser.add_argument("--labels", type=Path, help="folder of labelled companies")
    given = parser.parse_args().labels
    sure = float(THRESHOLDS["mapping_accept_confidence"])
    names = sorted(path.name.removesuffix(".tools.csv") for path in given.glob("*.tools.csv")) if given else []
    for company in (sample(), *(labelled(given, name) for name in names)):
        print(told(company, False, sure))
        if len(company.tools) <= 200:
            print(told(company, True, sure))


if __name__ == "__main__":
    main()
