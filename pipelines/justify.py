"""The case for a vendor, a tool or an initiative, found by its name and written as a page beside the month's report."""

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.errors import ConfigError, UsageError
from pipelines.lock import workspace_lock
from pipelines.publish import Run
from pipelines.report import case, justification
from pipelines.report.arguments import Justification, justified
from pipelines.report.case import KINDS, Subject
from pipelines.report.pack import FOLDER, put
from pipelines.report.page import facts_of, written_in
from pipelines.report.shelf import point


def justify(workspace: Path, run: Run, company: str, wanted: str, kind: str | None = None) -> tuple[Justification, Path]:
    """What can be said for and against a vendor, tool or initiative, and the page that says it.

    Raises UsageError where nothing, or more than one thing, has that name; ConfigError where the run was published by a
    version of Plumbline without the tables that are asked; Busy while a refresh runs.
    """
    with workspace_lock(workspace):
        try:
            with duckdb.connect(str(run.warehouse), read_only=True) as connection:
                found = told(connection, run, company, wanted, kind)
                name = file_name(found.case.subject, case.named(connection))
        except duckdb.CatalogException as error:
            raise ConfigError(f"{run.month} was published by another version of Plumbline ({str(error).splitlines()[0]}). Refresh it again: plumbline refresh --month {run.month}") from error
        (run.folder / FOLDER).mkdir(exist_ok=True)
        put(run.folder / FOLDER / name, justification.page(found).html.encode())
        return found, point(workspace, run.month).with_name(name)


def told(connection: duckdb.DuckDBPyConnection, run: Run, company: str, wanted: str, kind: str | None) -> Justification:
    """The justification of what has this name in the connection's warehouse."""
    subject = resolved(case.named(connection), wanted, kind)
    spend = connection.execute("select spend_12m_amount, month from report.spend").fetchone()
    assert spend is not None  # it is one row of sums
    return justified(case.read(connection, subject), facts_of(company, run.manifest), written_in(connection, {"spend_12m_amount": spend[0]}), spend[1])


def resolved(known: Sequence[Subject], wanted: str, kind: str | None = None) -> Subject:
    """The one that is named: by its id or name as written, else whatever the case of its letters. Raises UsageError with the names that are near."""
    if kind is not None and kind not in KINDS:
        raise UsageError(f"--kind is {kind!r}; it is one of {', '.join(KINDS)}.")
    eligible = [one for one in known if kind in (None, one.kind)]
    folded = wanted.strip().casefold()
    for fits in (
        [one for one in eligible if wanted in (one.id, one.name)],
        [one for one in eligible if folded in (one.id.casefold(), one.name.strip().casefold())],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits and len({one.kind for one in fits}) > 1:
            raise UsageError(f"{wanted} is {' and '.join(f'a {one.kind}' if one.kind != 'initiative' else 'an initiative' for one in fits)}. Say which: {' or '.join(f'--kind {k}' for k in sorted({o.kind for o in fits}))}.")
        if fits:
            raise UsageError(f"{wanted} names more than one {fits[0].kind}. Give one of the ids instead: {', '.join(one.id for one in fits)}.")
    raise UsageError(f"No {kind or 'vendor, tool or initiative'} is named {wanted}.{suggested(eligible, folded)}")


def suggested(known: Sequence[Subject], folded: str) -> str:
    """« Did you mean …?» with up to three names that hold the words or are spelt like them, or nothing."""
    spelt = {one.name.casefold(): f"{one.name} ({one.kind})" for one in reversed(known)}
    holding = sorted(name for name in spelt if folded and folded in name)
    close = [*holding, *(name for name in difflib.get_close_matches(folded, list(spelt), n=3) if name not in holding)][:3]
    return f" Did you mean {', '.join(spelt[name] for name in close)}?" if close else ""


def slug(name: str) -> str:
    """A name as part of a file name: Latin letters, digits and hyphens; a hash where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:8]


def file_name(subject: Subject, known: Sequence[Subject]) -> str:
    """The file of a subject; its kind and id stand in it too where another one's name would give the same."""
    mine = slug(subject.name)
    alike = [one for one in known if slug(one.name) == mine]
    kinds = [one.kind for one in alike]
    ending = "" if len(alike) == 1 else f"-{subject.kind}" if kinds.count(subject.kind) == 1 else f"-{subject.kind}-{slug(subject.id)}"
    return f"justify-{mine}{ending}.html"
