"""A plan and its scenarios, as the terminal shows them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def to_text(found: Mapping[str, Any]) -> str:
    """The plan for people."""
    lines = [f"Plan from {found['month']}, quarters {found['quarters'][0]} to {found['quarters'][-1]}, in {found['currency']}"]
    for scenario in found["scenarios"]:
        lines.append(f"\n{scenario['scenario'].capitalize()}")
        if not scenario["is_feasible"]:
            lacks = [amount for amount in (scenario["missing_amount"],) if amount and Decimal(amount)]
            lacks += [f"{scenario['missing_days']} people-days"] if scenario["missing_days"] else []
            needs = f"it lacks {' and '.join(lacks)}" if lacks else f"no money helps: {', '.join(scenario['never_fits']) or 'the quarters are too few'}"
            lines.append(f"  No plan holds all that must be in it ({', '.join(scenario['must'])}); {needs}.")
            continue
        proof = "proven: no plan is better" if scenario["is_proven"] else f"not proven: up to {Decimal(scenario['gap_share']):.2%} may be missing"
        lines.append(f"  {scenario['points']} points of at most {scenario['points_bound']} ({proof}); cost {scenario['cost_amount']}, gaps worked on {scenario['gap_count']}, "
                     f"risk points {scenario['risk_reduction']}")  # fmt: skip
        if scenario["people_days"]:
            lines.append("  people-days taken " + ", ".join(f"{taken} of {there}" for taken, there in zip(scenario["people_taken"], scenario["people_days"], strict=True)))
        lines += [f"  {i}: runs, and nobody has said what work it takes" for i in scenario["work_not_stated"]]
        lines += [f"  {i['begins']}  {i['initiative_id']}: {i['name']}, {i['cost_amount']}" for i in scenario["initiatives"]]
        lines += [f"  left out  {i['initiative_id']}: {i['name']}; {i['told']}" for i in scenario["left_out"]]
        for priority, loss in scenario.get("lost", {}).items():
            gone = f", without {', '.join(loss['initiatives'])}" if loss["initiatives"] else ""
            gained = f", gains {', '.join(loss['gained'])}" if loss["gained"] else ""
            verb, amount = ("loses", Decimal(loss["points"])) if Decimal(loss["points"]) >= 0 else ("wins", -Decimal(loss["points"]))
            gaps = f", {loss['gap_count']} gaps stay open" if loss["gap_count"] > 0 else ""
            lines.append(f"  {priority or 'no priority'} {verb} {amount} points{gaps}{gone}{gained}")
    lines += [f"can't be planned  {i}: {why}" for i, why in found["not_planned"].items()]
    return "\n".join(lines)
