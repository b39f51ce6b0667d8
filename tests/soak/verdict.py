"""What a soak has to reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.report import Goal, Row
from tests.soak.plan import Plan
from tests.soak.run import Outcome

NOTHING = Goal(0, at_least=False)
RATE_SHARE = 0.99
MOST_MIB = 300
MOST_GROWTH = 1.1
"""Flat: the median memory of the last quarter is at most so many times that of the second."""


def rows(outcome: Outcome, plan: Plan, rate: float) -> Iterator[Row]:
    """The figures with their goals."""
    count, memory = outcome.account, [mib for _, mib in outcome.samples]
    told = ", ".join(f"{reason} {number:,}" for reason, number in outcome.rejected.items())
    yield Row(
        "values/s published",
        count.published / outcome.seconds,
        goal=Goal(round(RATE_SHARE * rate)),
        note=f"{count.published:,} in {outcome.seconds:.0f} s",
    )
    yield Row("values missing", count.missing, goal=NOTHING, note=f"{count.stored:,} stored and right")
    yield Row("values doubled", count.doubled, goal=NOTHING)
    yield Row("values wrong", count.wrong, goal=NOTHING)
    yield Row("values that nobody measured", count.invented, goal=NOTHING)
    yield Row("values told again or late", outcome.replayed, note="by edge nodes, after a loss")
    yield Row("rolled-up rows that differ", outcome.mismatches, goal=NOTHING, note=f"of {outcome.checks:,} compared")
    yield Row("memory, largest, MiB", max(memory), goal=Goal(MOST_MIB, at_least=False), note="of the collector")
    yield Row(
        "memory, last quarter over second",
        plan.growth(outcome.samples),
        2,
        Goal(MOST_GROWTH, at_least=False),
        f"medians of {len(memory)} samples in all",
    )
    yield Row("CPU of the collector, cores", outcome.cores, 2)
    yield Row("readings on disk at the worst", outcome.most_spooled, note=f"InfluxDB away for {plan.outage_s:.0f} s")
    yield Row("drained after, s", outcome.drained_s, note="looked at every 5 s")
    code = None if outcome.exit_code is None else abs(outcome.exit_code)  # a signal counts below zero
    yield Row("exit code after SIGTERM", code, goal=NOTHING, note=f"bad input: {told or 'none'}")


def met(table: Sequence[Row]) -> bool:
    """Whether every goal is reached; what was not measured is not."""
    return all(row.value is not None and row.goal.met(row.value) for row in table if row.goal is not None)
