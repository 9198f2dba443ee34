"""One system that holds the records of many clients, as that of a service provider does: a client's workspace keeps its own only.

Records are told apart before they are written, so that no file of a workspace ever holds another client's. They are
counted all the same: what the server counts, repeats or leaves out is judged by all records.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.api.errors import BadOptions
from connectors.api.nouns import Json, pluck

if TYPE_CHECKING:
    from connectors.api.connector import Stream

OTHERS, NOBODYS = "other_client", "no_client"
"""Why a record is not kept: it is another client's, or tells none and could be anybody's."""


@dataclass(frozen=True)
class Clients:
    """The keys of the clients whose records may be kept, as the system writes them; `field` is where records tell theirs, unless the connector says so."""

    ours: frozenset[str]
    field: str = ""

    def sieve(self, stream: "Stream") -> "Sieve | None":
        """What tells a stream's records apart; None for lists that belong each to a record of another stream, which is ours already.

        Raises BadOptions where nobody says how: such a stream is not read at all.
        """
        place = stream.client if stream.parent else self.field or stream.client
        if not place and not stream.parent:
            raise BadOptions("its records do not tell whose they are. Name the place of the client's key as clients.field in plumbline.yml, or leave the stream out of `streams`")
        return Sieve(place, self.ours) if place else None


@dataclass(frozen=True)
class Sieve:
    """Tells whose a record is, by the text at `place`."""

    place: str
    ours: frozenset[str]

    def refuses(self, record: Json) -> str:
        """Why a record is not kept; empty for one of ours."""
        found = pluck(record, self.place)
        key = "" if found is None else str(found).strip()
        return "" if key in self.ours else OTHERS if key else NOBODYS

    def told(self) -> Json:
        """What is kept with a stream's state: where it changes, all is read anew."""
        return {"field": self.place, "ours": sorted(self.ours)}
