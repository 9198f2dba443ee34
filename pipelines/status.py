"""What a workspace holds: deliveries, published and closed months, and what waits."""

from pathlib import Path

from pipelines.close import closed_months
from pipelines.deliveries import EXPORTS, assigned, hashed, kept, waiting
from pipelines.fetch import history, left_there
from pipelines.publish import months, published
from pipelines.workspace import Workspace


def status_of(folder: Path) -> dict[str, object]:
    """The state of a workspace as plain values."""
    workspace = Workspace(folder)
    deliveries = assigned(workspace, kept(folder))
    newest = {d.file: d for d in deliveries}
    fresh = 0
    for _, _, path in waiting(workspace):
        known = newest.get(path.relative_to(folder).as_posix())
        fresh += known is None or known.size != path.stat().st_size or known.sha256 != hashed(path)
    run = published(folder)
    sources = []
    for source in sorted({d.source for d in deliveries if d.home == EXPORTS}):
        own = [d for d in deliveries if d.source == source and d.home == EXPORTS]
        facts = {"source": source, "deliveries": len(own), "duplicates": sum(1 for d in own if d.duplicate_of), "newest": own[-1].received_at}
        sources.append(facts | left_there(history(folder, source, own)))
    return {
        "workspace": str(folder), "name": workspace.settings.name, "currency": workspace.settings.currency, "published": months(folder),
        "current": run.manifest["month"] if run else None, "closed": closed_months(folder), "waiting": fresh, "sources": sources,
        "incomplete": list(run.manifest["incomplete"]) if run else [], "findings": list(run.manifest["findings"]) if run else [],
    }  # fmt: skip
