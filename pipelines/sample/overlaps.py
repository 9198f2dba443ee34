"""What kind each pair of tools for one capability is in the sample company, told by who was given use of what."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from pipelines.sample.company import Person
from pipelines.sample.register import pool_of
from pipelines.sample.tools import TOOLS, Tool


def active_people(tool: Tool, staff: Sequence[Person]) -> frozenset[str]:
    """The addresses of those who used it in the last 90 days; none where the sign-ins do not hold the tool."""
    present = [person for person in staff if person.left_on is None]
    return frozenset(person.email for person in pool_of(tool, present)[: tool.active])


def overlap_kinds(staff: Sequence[Person]) -> list[Mapping[str, Any]]:
    """Every pair of tools for a capability: who uses both, and the kind that follows.

    A tool that only supports is an add-on; otherwise half of the smaller tool's people in both is a double licence, less a
    parallel silo; and where nobody signs in to one of them nobody can tell.
    """
    found: list[Mapping[str, Any]] = []
    for one, other in combinations(sorted(TOOLS, key=lambda tool: tool.name), 2):
        roles = {use.capability_id: use.role for use in one.uses}
        shared = [(roles[use.capability_id], use.role) for use in other.uses if use.capability_id in roles]
        if not shared:
            continue
        people, others = active_people(one, staff), active_people(other, staff)
        both, fewer = len(people & others), min(len(people), len(others))
        if any(role != other_role for role, other_role in shared):
            kind = "add_on"
        elif not fewer:
            kind = "cannot_tell"
        else:
            kind = "double_licensing" if 2 * both >= fewer else "parallel_silo"
        found.append({"tools": [one.name, other.name], "kind": kind, "active_in_both": both if fewer else None})
    return found
