"""docs/verify.md says what is compared, with which limits."""

from __future__ import annotations

import re
from pathlib import Path

from factory.verify.alarm_check import SCAN_MS
from factory.verify.alarm_truth import NOT_JUDGED
from factory.verify.compare import OEE_POINTS, SECONDS_A_CHANGE, SHARE_OF_TIME, Kind
from factory.verify.verify import AFTER_H, BEGIN_H, LEAST_H

GUIDE = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
ROWS = {
    row[0]: row for row in re.findall(r"^\| `(\w+)` \| ([^|]+)(?: \| ([^|]+) \| ([^|]+))? \|$", GUIDE, re.MULTILINE)
}


def test_each_kind_of_figure_has_a_row_with_its_limit() -> None:
    """As it is in the code."""
    assert set(ROWS) == set(Kind) | set(NOT_JUDGED)
    assert f"{SECONDS_A_CHANGE:g} s for each change" in ROWS[Kind.TIME][2]
    assert f"{SHARE_OF_TIME:.1%}".replace("%", " %") in ROWS[Kind.TIME][2]
    assert f"each within {SECONDS_A_CHANGE:g} s" in ROWS[Kind.STOPS][2]
    assert f"{OEE_POINTS:g} points" in ROWS[Kind.OEE][2]
    assert f"times within {SCAN_MS / 1000:g} s" in ROWS[Kind.ALARMS][2]


def test_kinds_of_rules_that_are_not_compared_are_told_with_the_reason_of_the_code() -> None:
    """Nobody should believe that they were."""
    assert {kind: ROWS[kind][1] for kind in NOT_JUDGED} == NOT_JUDGED


def test_how_long_a_run_is_is_told() -> None:
    """Half an hour before, an hour after."""
    assert (BEGIN_H, AFTER_H) == (0.5, 1.0)
    words = " ".join(GUIDE.split())
    assert "half an hour after the world does" in words
    assert "an hour after its end" in words
    assert f"{LEAST_H} h long at least" in words
