"""Time: a clock that tests can turn, how long a server asks us to wait, and a budget of requests.

urllib3's Retry reads seconds and dates, waits by itself and can't be given a clock or a total; its rules for the two
common forms are restated here with the two that vendors add.
"""

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from connectors.api.errors import QuotaUsed
from connectors.api.nouns import Budget

FIRST_WAIT, LONGEST_WAIT = 2.0, 120.0
HEADERS = ("Retry-After", "X-RateLimit-Reset", "X-Rate-Limit-Reset", "RateLimit-Reset", "ratelimit-reset")
"""Where servers say when to come back, in the order in which they are believed. Names that end in `-Retry-After`, each of which speaks of one limit of several, come last."""
EPOCH = 1_000_000_000
"""From here on a number is seconds since 1970, not seconds to go."""


@dataclass(frozen=True)
class Clock:
    """Wall time in UTC, a clock that never goes back, and sleep. Tests give their own."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a server asks to wait: given as seconds, HTTP date, Unix time (also in milliseconds) or ISO 8601; None where it says nothing."""
    others = sorted(name for name in headers if name.lower().endswith("-retry-after"))
    for name in (*HEADERS, *others):
        if (text := headers.get(name, "").strip()) and (seconds := seconds_until(text, now)) is not None:
            return seconds
    return None


def seconds_until(text: str, now: datetime) -> float | None:
    """One header's value in seconds from now, never below 0; None for a text of no known form."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        number = float(text)
        number = number / 1000 if number >= EPOCH * 100 else number
        return max(0.0, number - now.timestamp()) if number >= EPOCH else number
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, TypeError):
            continue
        return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds())
    return None


def backoff(attempt: int) -> float:
    """Seconds before attempt number `attempt` + 1: doubling from 2 to 120, with jitter so that many clients do not come back at once."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2**attempt) * random.uniform(0.5, 1)


@dataclass
class Pace:
    """Keeps a connection within its budget, and all waiting of a run within a total."""

    budget: Budget
    clock: Clock
    total: float
    """Seconds that may be waited in all; more means that the quota is of another kind, and the run stops cleanly."""
    waited: float = 0.0
    calls: int = 0
    limit: int | None = None
    """Requests that may be made in all."""
    ready: float = field(default=0.0, repr=False)

    def take(self) -> None:
        """Wait for a request's turn. Raises QuotaUsed."""
        if self.limit is not None and self.calls >= self.limit:
            raise QuotaUsed(f"{self.calls} requests were made, which is the limit of this run")
        self.calls += 1
        if self.budget.per_minute:
            spacing = 60 / (self.budget.per_minute * (1 - self.budget.reserve))
            now = self.clock.monotonic()
            # A tenth of a minute's requests may come in a burst; then they are spaced evenly.
            self.ready = max(self.ready, now - 6) + spacing
            if self.ready > now:
                self.wait(self.ready - now)

    def heed(self, headers: Mapping[str, str]) -> None:
        """Pause where the server's own headers say that all is nearly used up."""
        remaining = headers.get(self.budget.remaining, "") if self.budget.remaining else ""
        if remaining.isdecimal() and int(remaining) == 0:
            until = seconds_until(headers.get(self.budget.reset, "").strip(), self.clock.now()) if self.budget.reset else None
            if until:
                self.wait(until)

    def wait(self, seconds: float) -> None:
        """Sleep. Raises QuotaUsed where that would exceed the total."""
        if self.waited + seconds > self.total:
            raise QuotaUsed(f"the server asks to wait {seconds:,.0f} s more, beyond the {self.total:,.0f} s that a run may wait")
        self.waited += seconds
        self.clock.sleep(seconds)
