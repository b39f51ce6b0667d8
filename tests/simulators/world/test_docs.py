from __future__ import annotations

import re
from pathlib import Path

import pytest

import simulators.world as room
from simulators.world.kinds import GENERIC, KINDS

ROOM = Path(room.__file__).parent
PAGE = (ROOM.parents[1] / "docs/world.md").read_text()


@pytest.mark.parametrize("kind", [*KINDS, GENERIC])
def test_each_kind_has_its_row_and_its_file(kind: str) -> None:
    """A kind of physics is one file and one row of the page."""
    assert f"| `{kind}` |" in PAGE
    assert (ROOM / f"kinds/{kind}.py").exists()


def test_no_kind_is_forgotten() -> None:
    """Each file of `kinds/` is in the registry."""
    files = {path.stem for path in (ROOM / "kinds").glob("*.py")} - {"__init__"}
    assert files == {*KINDS, GENERIC}


def test_each_file_of_the_room_is_explained() -> None:
    """The page names every file that a reader meets, and none that is gone."""
    files = {path.name for path in ROOM.glob("*.py")} - {"__init__.py"}
    named = set(re.findall(r"`([a-z_]+\.py)`", PAGE))
    small = {"kind.py", "group.py", "energy.py", "inertia.py"}
    assert files - small <= named
    assert named <= files
