"""docs/alarms.md says what there is: kinds, states, keys of rows, tables."""

from __future__ import annotations

import re
from pathlib import Path

from plant.alarms.rules import Kind
from plant.alarms.schema import RowSpec
from plant.alarms.states import State
from plant.operations.schema import METADATA

GUIDE = (Path(__file__).parents[3] / "docs" / "alarms.md").read_text()


def first_cells(heading: str) -> set[str]:
    """Names in the first column of the table under a heading."""
    section = GUIDE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_each_kind_state_key_and_table_has_a_row():
    """And no row is about what is not there."""
    assert first_cells("Kinds") == set(Kind)
    assert first_cells("States") == set(State)
    assert first_cells("Where rules come from") == set(RowSpec.model_fields)
    assert first_cells("The operations database") == set(METADATA.tables)
