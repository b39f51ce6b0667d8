"""What `factory verify` prints: a table with the error of each figure, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from factory.verify.compare import Check
from factory.verify.verify import Verdict

DIGITS = 3


def show(verdict: Verdict, console: Console, *, everything: bool) -> None:
    """The largest error of each figure over all lines, then every figure that is wrong.

    Args:
        verdict: What came of a run.
        console: Where to print.
        everything: Every figure of every line instead.
    """
    state = "true" if not verdict.wrong else f"{len(verdict.wrong)} of {len(verdict.checks)} figures are WRONG"
    title = f"{verdict.scenario}, {verdict.hours:g} h: {state}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in ("figure", "line"):
        table.add_column(column)
    for column in ("true", "measured", "error", "limit"):
        table.add_column(column, justify="right")
    table.add_column("")
    for check in verdict.checks if everything else [*worst(verdict.checks), *verdict.wrong]:
        limit = "-" if check.limit is None else _number(check.limit)
        numbers = (_number(check.expected), _number(check.measured), _number(check.error), limit)
        table.add_row(check.figure, check.line, *numbers, check.note if check.ok else f"WRONG {check.note}".strip())
    console.print(table)


def as_json(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The same for machines, every figure of every line."""
    return {
        "ok": not any(verdict.wrong for verdict in verdicts),
        "scenarios": [
            {
                "scenario": verdict.scenario,
                "hours": verdict.hours,
                "ok": not verdict.wrong,
                "figures": [_check(check) for check in verdict.checks],
            }
            for verdict in verdicts
        ],
    }


def worst(checks: Iterable[Check]) -> list[Check]:
    """Of each figure the line with the largest error."""
    found: dict[str, Check] = {}
    for check in checks:
        if check.figure not in found or abs(check.error) > abs(found[check.figure].error):
            found[check.figure] = check
    return list(found.values())


def _check(check: Check) -> dict[str, Any]:
    return {
        "line": check.line,
        "figure": check.figure,
        "true": check.expected,
        "measured": check.measured,
        "error": check.error,
        "limit": check.limit,
        "ok": check.ok,
        "note": check.note,
    }


def _number(value: float) -> str:
    return f"{value:,.{DIGITS}f}".rstrip("0").rstrip(".")
