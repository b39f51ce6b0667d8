"""docs/benchmarks.md names the goals that the code has, all of them and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import freshness_bench, ingest_bench, query_bench
from benchmarks.contestants import Collector, NarrowTutorial, NodeRed, WideTutorial
from benchmarks.report import Row

DOCUMENT = (Path(__file__).parents[2] / "docs/benchmarks.md").read_text(encoding="utf-8")


def rows() -> Iterator[Row]:
    """Rows of all measurements that are described there, of made-up results."""
    names = (Collector.name, WideTutorial.name, NarrowTutorial.name, NodeRed.name, ingest_bench.LIMIT)
    results = {name: [ingest_bench.Result(1.0, 1.0, 1.0)] for name in names}
    yield from ingest_bench._rates(results, {})
    yield from ingest_bench._goals(results, {})
    yield from query_bench.report(
        [
            query_bench.Figure(store, span, tags, 1.0, 1.0)
            for store in query_bench.P95_MS
            for span in query_bench.SPANS
            for tags in (1, query_bench.MANY)
        ]
    )
    ages = np.array([1])
    for store in ("DuckDB", "InfluxDB"):
        yield from freshness_bench.report(store, freshness_bench.Result(ages, ages, (1.0, 1.0), 1.0, 1.0))


def test_the_goals_of_the_document_are_those_of_the_code() -> None:
    """Figure and goal as the tables print them."""
    table = re.findall(r"^\| (.+?) \| ([≥≤] \S+) \| ", DOCUMENT, re.MULTILINE)
    assert dict(table) == {row.what: row.cells[2].split("  ")[0] for row in rows() if row.goal is not None}


def test_a_figure_that_misses_its_goal_says_so() -> None:
    """Nobody has to compare numbers to find out."""
    for sign, bound, told in re.findall(r"^\| .+? \| ([≥≤]) (\S+) \| (.+) \|$", DOCUMENT, re.MULTILINE):
        number, limit = (float(re.search(r"\d[\d,.]*", text)[0].replace(",", "")) for text in (told, bound))
        met = number >= limit if sign == "≥" else number <= limit
        assert met != ("not met" in told)
