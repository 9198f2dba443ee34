"""The command that plans: which initiatives to start when, under which money."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from pipelines.cli_app import AsJson, Folder, Month, app, chosen, published_run


class By(StrEnum):
    """What a quarter of an initiative's benefit is worth."""

    DELAY_COST = "delay_cost"
    GAPS = "gaps"


@app.command("plan")
def plan_(budget: Annotated[str, typer.Option(help="Money for a quarter; or one amount for each, with commas between.")], folder: Folder = None, month: Month = None,
          quarters: Annotated[int, typer.Option(min=1, max=40, help="How many quarters to plan, from the month after the published one.")] = 8,
          cut: Annotated[list[str] | None, typer.Option(help="Compare with so much less money, such as 15%.")] = None,
          delay: Annotated[list[str] | None, typer.Option(help="Compare with an initiative so much later, such as ID=2q.")] = None,
          by: Annotated[By, typer.Option(help="Worth by stated cost of delay, or by the gaps worked on.")] = By.DELAY_COST,
          carry_over: Annotated[bool, typer.Option("--carry-over/--no-carry-over", help="What a quarter leaves, later ones may spend.")] = True,
          people: Annotated[str, typer.Option(help="People-days for a quarter; or one number for each, with commas between. Work counts 20 days a person-month.")] = "",
          json_: AsJson = False) -> None:  # fmt: skip
    """Choose which initiatives to start when under quarterly budgets, with a proof, and compare scenarios."""
    from pipelines.plan_text import to_text
    from pipelines.scenarios import plan

    found = plan(published_run(chosen(folder), month), budget, quarters, cut or [], delay or [], by, carry_over, people)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1) if json_ else to_text(found))
