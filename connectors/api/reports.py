"""What is told of a read of one stream."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.api.clients import Clients
from connectors.api.nouns import Json, Outcome

State = Mapping[str, Json]
"""Where a stream stands: `cursor` (an instant in ISO 8601, or the server's own bookmark), `rows` of the last complete read, `reads` since all keys were listed, `withheld` records that are listed and not given, `clients` whose records were kept."""


@dataclass
class Report:
    """Counts of one read; kept beside its rows, and shown."""

    stream: str
    outcome: Outcome = Outcome.FAILED
    since: str = ""
    until: str = ""
    pages: int = 0
    requests: int = 0
    retries: int = 0
    waited_seconds: float = 0.0
    bytes: int = 0
    rows: int = 0
    total: int | None = None
    """The server's own count."""
    merged: int = 0
    """Rows that came again."""
    deleted: int = 0
    """Records marked as deleted."""
    other_client: int = 0
    """Records of other clients, which are counted and never written."""
    no_client: int = 0
    """Records that tell no client, likewise."""
    rereads: int = 0
    """How often the list was read anew because it shifted while it was read."""
    warnings: list[str] = field(default_factory=list)
    message: str = ""

    def facts(self) -> dict[str, Json]:
        return asdict(self)


@dataclass(frozen=True)
class Asked:
    """What is asked of a read beyond the usual."""

    since: datetime | None = None
    """The first instant of interest, where nothing was read yet."""
    full: bool = False
    """Read all anew, whatever the state says."""
    allow_shrink: bool = False
    """Believe that many records were deleted."""
    max_pages: int = 100_000
    clients: Clients | None = None
    """Whose records may be kept, where the system holds those of many clients; None: all."""


@dataclass(frozen=True)
class Unit:
    """Rows to be kept together with the state that they bring the stream to. No path: the server said that there are none."""

    path: Path | None
    rows: int
    state: State
    report: Report
