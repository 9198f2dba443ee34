"""The ledger's shares against the same sum in fractions: lines of any size and sign, mapped at random."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from random import Random

import duckdb
import pytest
import sqlcase


def split(amount: Decimal, shares: list[Decimal], unit: Decimal) -> list[Decimal]:
    """Largest remainder in fractions: floors, and what is left over to the largest remainders, the first of equals."""
    whole = [Fraction(abs(amount)) / Fraction(unit) * Fraction(share) for share in shares]
    floors = [int(part) for part in whole]
    order = sorted(range(len(shares)), key=lambda at: (floors[at] - whole[at], at))
    for at in order[: int(abs(amount) / unit) - sum(floors)]:
        floors[at] += 1
    return [floor * unit * (-1 if amount < 0 else 1) for floor in floors]


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with sqlcase.empty_warehouse() as connection:
        yield connection


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_ledger_splits_as_fractions_do(warehouse: duckdb.DuckDBPyConnection, seed: int) -> None:
    random = Random(seed)
    lines: dict[str, tuple[str, Decimal, Decimal]] = {}
    with warehouse.cursor() as connection:
        connection.execute("begin")
        for account in map(str, range(8)):
            for capability in random.sample("abcdefgh", random.randint(2, 6)):
                weight = Decimal(random.choice(["0", "1", "1", "2.5", "0.333", "1000000"]))
                connection.execute(
                    "insert into raw.mapping (subject_kind, subject, capability_id, weight)"
                    " values ('gl_account', ?, ?, ?)",
                    [account, capability, weight],
                )
        for capability, priority in [("a", "p"), ("a", "q"), ("b", "p"), ("c", "p"), ("c", "q"), ("c", "r")]:
            connection.execute(
                "insert into raw.priority_capability (priority_id, capability_id, weight) values (?, ?, ?)",
                [priority, capability, random.randint(1, 7)],
            )
        for number in range(200):
            sign, size = random.choice([-1, 1]), random.choice([10, 1000, 10**6, 10**12])
            billed = Decimal(sign * random.randrange(size)) / 100
            original = billed if number % 2 else Decimal(sign * random.randrange(size * 10**6)) / 10**12
            lines[str(number)] = (str(random.randrange(8)), billed, original)
            connection.execute(
                "insert into core.spend_line"
                " (spend_line_id, gl_account, billed_amount, original_amount, original_currency)"
                " values (?, ?, ?, ?, 'EUR')",
                [str(number), *lines[str(number)]],
            )
        for name in ("core.priority_capability", "staging.mapping", "staging.target"):
            connection.execute(f"insert into {name} {sqlcase.files()[name].sql}")
        found = connection.execute(
            "select spend_line_id, share, billed_amount, original_amount"
            f" from ({sqlcase.files()['core.ledger'].sql}) order by spend_line_id, capability_id, priority_id"
        ).fetchall()
        connection.execute("rollback")
    rows: dict[str, list[tuple[Decimal, ...]]] = {}
    for line, *amounts in found:
        rows.setdefault(line, []).append(tuple(amounts))
    assert rows.keys() == lines.keys()
    for line, (_, billed, original) in lines.items():
        shares, billed_parts, original_parts = (list(column) for column in zip(*rows[line], strict=True))
        assert sum(shares) == 1
        assert billed_parts == split(billed, shares, Decimal("0.01"))
        unit = Decimal("0.01") if original == round(original, 2) else Decimal(1).scaleb(-12)
        assert original_parts == split(original, shares, unit)
