"""The page of a system says what it was run against, and only what a live test runs is called proved."""

import re
from pathlib import Path

import pytest

from connectors.api.registry import shipped
from pipelines.connecting import page_of, proof_of

LIVE = Path(__file__).parent / "live"


def test_only_what_a_live_test_pulls_is_called_proved() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in LIVE.glob("test_live_*.py"))
    assert {name for name, connector in shipped().items() if connector.proved} == set(re.findall(r"^from connectors\.systems\.(\w+) import", tests, re.MULTILINE))


@pytest.mark.parametrize(("name", "said"), [("tryton", "Run against Tryton 8.2, which nobody of this project wrote"), ("okta", "never against the system itself")])
def test_the_page_tells_it(name: str, said: str) -> None:
    assert said in proof_of(shipped()[name])
    assert f"## Proof\n\n{proof_of(shipped()[name])}\n" in page_of(shipped()[name])
