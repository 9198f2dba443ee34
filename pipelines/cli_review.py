"""The command that asks people what only they know: in a terminal, through a pipe, or in a spreadsheet."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from pipelines.cli_app import AsJson, Folder, Month, app, chosen, published_run, say
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from pipelines.review import Person, Question

NEXT = "Run `plumbline refresh` for the figures to follow."


@app.command()
def review(folder: Folder = None, month: Month = None,
           csv_: Annotated[Path | None, typer.Option("--csv", help="Write the questions to this file, to answer in a spreadsheet.")] = None,
           read: Annotated[Path | None, typer.Option("--read", help="Read the answers of such a file back: all of them, or none where one is wrong.")] = None,
           accept: Annotated[bool, typer.Option("--accept", help="Take the suggested mappings that are as sure as mapping_accept_confidence asks; the rest stays open.")] = False,
           author: Annotated[str | None, typer.Option(help="Who decides; $USER where nobody is named.")] = None,
           limit: Annotated[int, typer.Option(min=1, help="How many questions at most.")] = 1000, json_: AsJson = False) -> None:  # fmt: skip
    """Answer what only people know, the question that moves most money first; each answer is a row in decisions/."""
    from pipelines.deciding import decide, read_back, to_sheet
    from pipelines.review import Person, author_of, queue
    from pipelines.workspace import Workspace

    if sum((csv_ is not None, read is not None, accept)) > 1:
        raise UsageError("Give one of --csv, --read and --accept.")
    home = chosen(folder).resolve()
    settings = Workspace(home).settings
    person = Person(author_of(author), datetime.now(ZoneInfo(settings.timezone)).date())
    questions = queue(home, published_run(home, month), settings.threshold("mapping_accept_confidence"))
    if read is not None:
        say(f"{read_back(home, read, questions, person)} answers are written down. {NEXT}")
    elif accept:
        sure = [q for q in questions if q.kind == "mapping" and any(choice.is_sure for choice in q.choices)]
        for question in sure:
            decide(home, question, "1", "", person)
            say(f"{question.subject}: {question.choices[0].text}. {question.choices[0].reason}")
        say(f"{len(sure)} suggestions are taken. {NEXT}")
    elif csv_ is not None:
        if csv_.exists():
            raise UsageError(f"{csv_} is there already, perhaps with answers in it. Read it back, or name another file.")
        csv_.write_bytes(to_sheet(questions[:limit]).encode("utf-8-sig"))
        say(f"{min(len(questions), limit)} questions are in {csv_}. Fill in the column answer, then run: plumbline review --read {csv_}")
    elif json_:
        typer.echo(json.dumps([question.summary() for question in questions[:limit]], ensure_ascii=False, indent=1))
    else:
        talk(home, questions[:limit], person)


def talk(home: Path, questions: Sequence["Question"], person: "Person") -> None:
    """Ask one after the other; every answer is in its file before the next question."""
    from pipelines.deciding import decide, wanted

    say(f"{len(questions)} questions. An empty answer skips one, q ends.")
    count = 0
    for place, question in enumerate(questions, 1):
        typer.echo(f"\n{place} of {len(questions)}: {question.currency} {question.amount:,.2f}. {printable(question.text)}")
        for number, choice in enumerate(question.choices, 1):
            how_sure = "" if choice.confidence is None else f"  {choice.confidence:.0%}: {choice.reason}"
            typer.echo(printable(f"  {number}  {choice.value}  {choice.text}{how_sure}"))
        while said := asked(wanted(question)):
            if said == "q":
                say(f"{count} answered. {NEXT if count else ''}".rstrip())
                return
            try:
                decide(home, question, said, "", person)
            except UsageError as error:
                say(f"{error}.")
                continue
            count += 1
            break
    say(f"{count} answered. {NEXT if count else ''}".rstrip())


def asked(what: str) -> str:
    """One line of a person or a pipe; q at its end, since whoever stops has answered all he wanted to."""
    try:
        return input(f"{what}; q ends > ").strip()
    except EOFError:
        return "q"


def printable(text: str) -> str:
    """Text of an export without what could repaint the screen."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
