"""Figures beside their goals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.report import Goal, Report, Row


@pytest.mark.parametrize(
    ("goal", "value", "said"),
    [
        (Goal(100), 100.0, "≥ 100  met"),
        (Goal(100), 99.0, "≥ 100  NOT MET"),
        (Goal(100, at_least=False), 100.0, "≤ 100  met"),
        (Goal(100, at_least=False), 101.0, "≤ 100  NOT MET"),
        (Goal(100), None, "≥ 100  not measured"),
        (None, 5.0, ""),
    ],
)
def test_a_figure_says_whether_it_reaches_its_goal(goal: Goal | None, value: float | None, said: str) -> None:
    """Not reached is said, never raised; what could not be measured is neither."""
    assert Row("x", value, goal=goal).cells[2] == said


def test_figures_of_one_measurement_stay_when_another_is_made(tmp_path: Path, monkeypatch) -> None:
    """bench.json holds the newest of each."""
    monkeypatch.setattr(report, "RESULT", tmp_path / "bench.json")
    report.keep("a", [Report("first", [Row("x", 1.0, goal=Goal(2))])])
    report.keep("b", [Report("second", [Row("y", None, note="why")])])
    kept = json.loads((tmp_path / "bench.json").read_text())
    assert kept["a"]["tables"][0]["rows"] == [
        {"what": "x", "value": 1.0, "note": "", "goal": 2, "at_least": True, "met": False}
    ]
    assert kept["b"]["tables"][0]["rows"] == [{"what": "y", "value": None, "note": "why"}]
