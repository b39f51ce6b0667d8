"""README.md names a test for every fault, and every test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOM = Path(__file__).parent
TESTS = ROOM.parent
README = (ROOM / "README.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", README)
FAULTS = (
    "kill -9 of the collector",
    "broker restart",
    "InfluxDB stopped",
    "answers 500",
    "half of a batch",
    "answers 503",
    "answers slowly",
    "disk that refuses",
    "spool full",
    "torn spool tail",
    "duplicate, late, out-of-order, future and 1970",
    "rebirth storm of 200 nodes",
    "two collectors with one host id",
    "hostile publisher",
    "SIGTERM under load",
)
"""What a collector has to survive."""


def defined(file: Path) -> set[str]:
    """Names of a module's tests."""
    return set(re.findall(r"^(?:async )?def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_test_that_is_named_exists() -> None:
    """A proof that was renamed or removed is missed here."""
    gone = [f"{file}::{name}" for file, name in NAMED if name not in defined(TESTS / file)]
    assert not gone


def test_every_fault_has_a_row_with_a_test() -> None:
    """In the first column of the table; the second names at least one test."""
    rows = [line.split("|")[1:3] for line in README.splitlines() if "::test_" in line]
    for fault in FAULTS:
        assert any(fault in what and "::" in proof for what, proof in rows), fault


def test_every_test_of_this_folder_is_in_the_table() -> None:
    """Who writes another one says which fault it proves."""
    own = {(f"faults/{file.name}", name) for file in ROOM.glob("test_*.py") for name in defined(file)}
    own -= {(f"faults/{Path(__file__).name}", name) for name in defined(Path(__file__))}
    assert own <= set(NAMED)


def test_every_part_has_a_row() -> None:
    """What the tests are built of."""
    parts = {file.name for file in ROOM.glob("*.py") if not file.name.startswith("test_")}
    assert set(re.findall(r"^\| `(\w+\.py)` \|", README, re.MULTILINE)) == parts
