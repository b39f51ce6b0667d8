"""docs/quality.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from plant.quality.score import WEIGHT

DOCUMENT = (Path(__file__).parents[3] / "docs" / "quality.md").read_text()


def test_every_cause_has_a_row_with_its_weight():
    """None is missing, none is invented."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([\d.]+) \|$", DOCUMENT, re.MULTILINE)
    assert {cause: float(weight) for cause, weight in rows} == dict(WEIGHT)
