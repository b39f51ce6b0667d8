"""What `factory verify` prints: a table with the error of each figure, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from factory.verify.compare import Check, Kind
from factory.verify.verify import Verdict

DIGITS = 3


def show(verdict: Verdict, console: Console, *, everything: bool) -> None:
    """The largest error of each figure over all lines, then every figure that is wrong.

    Args:
        verdict: What came of a run.
        console: Where to print.
        everything: Every figure of every line instead.
    """
    title = f"{verdict.scenario}, {verdict.hours:g} h: {state_of(verdict)}"
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


def show_all(verdicts: Sequence[Verdict], console: Console) -> None:
    """A row for each scenario, with the largest error of each kind of figure as a share of its limit.

    Args:
        verdicts: What came of all runs.
        console: Where to print.
    """
    true = sum(verdict.ok for verdict in verdicts)
    table = Table(title=f"{true} of {len(verdicts)} scenarios are true", title_justify="left", box=None, pad_edge=False)
    table.add_column("scenario")
    for column in ("hours", "figures", *(f"{kind}, % of limit" for kind in Kind), "took, s"):
        table.add_column(column, justify="right")
    table.add_column("verdict")
    for verdict in verdicts:
        numbers = (f"{verdict.hours:g}", str(len(verdict.checks)), *worst_shares(verdict), f"{verdict.took_s:.0f}")
        table.add_row(verdict.scenario, *numbers, state_of(verdict))
    console.print(table)


def state_of(verdict: Verdict) -> str:
    """What came of a run, in a few words."""
    if verdict.failure:
        return f"FAILED: {verdict.failure}"
    return "true" if verdict.ok else f"{len(verdict.wrong)} of {len(verdict.checks)} figures are WRONG"


def worst_shares(verdict: Verdict) -> list[str]:
    """Of each kind of figure the largest error, % of its limit; a dash where there is none."""
    found = {kind: [check.share for check in verdict.checks if check.kind is kind] for kind in Kind}
    return [f"{100.0 * max(shares):.0f}" if shares else "-" for shares in found.values()]


def as_json(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The same for machines, every figure of every line."""
    return {
        "ok": all(verdict.ok for verdict in verdicts),
        "scenarios": [
            {
                "scenario": verdict.scenario,
                "hours": verdict.hours,
                "ok": verdict.ok,
                "took_s": verdict.took_s,
                "failure": verdict.failure,
                "figures": [_check(check) for check in verdict.checks],
            }
            for verdict in verdicts
        ],
    }


def worst(checks: Iterable[Check]) -> list[Check]:
    """Of each figure the line with the largest error; of equal ones that with the largest figure, which says most."""
    found: dict[str, Check] = {}
    for check in checks:
        if check.figure not in found or _weight(check) > _weight(found[check.figure]):
            found[check.figure] = check
    return list(found.values())


def _weight(check: Check) -> tuple[float, float]:
    return abs(check.error), abs(check.expected)


def _check(check: Check) -> dict[str, Any]:
    return {
        "kind": check.kind,
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
