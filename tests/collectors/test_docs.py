"""README.md has a row for every part, reason, metric and setting, and none for what is not there."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path

import plant.sparkplug
from collectors import __main__, metrics
from collectors.reasons import Reason
from plant.mapping.refusals import Refusal
from plant.settings import Settings
from plant.sparkplug.samples import Reject

ROOM = Path(metrics.__file__).parent
README = (ROOM / "README.md").read_text()


def rows(heading: str) -> set[str]:
    """Names in the first column of the table under a heading."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`{]+)[^`]*`", cell)}


def test_every_part_has_a_row():
    """A file is found in the table, and the table names no file that is gone."""
    files = {file.relative_to(ROOM) for file in ROOM.rglob("*.py") if file.name not in {"__init__.py", "__main__.py"}}
    assert rows("Parts") == set(map(str, files))


def test_every_reason_has_a_row():
    """Ours, those of mappings, those of single values, and those that the Sparkplug session raises."""
    source = "\n".join(file.read_text() for file in Path(plant.sparkplug.__file__).parent.rglob("*.py"))
    raised = {*re.findall(r'(?:BadInputError|super\(\).__init__|Rejected)\(\s*"([a-z_]+)"', source)}
    session = (raised | set(Reject)) - {"offline"}  # a command that cannot be sent is an answer, not bad input
    assert rows("Why input is refused") == {*map(str, Reason), *map(str, Refusal), *map(str, session)}


def test_every_metric_has_a_row():
    """Counters under the name that Prometheus shows."""
    counters = {f"{row.name}_total" for row in metrics.COUNTERS} | {f"{metrics.REJECTED}_total"}
    others = set(metrics.NAMES) - {row.name for row in metrics.COUNTERS} - {metrics.REJECTED}
    assert rows("Metrics") == counters | others


def test_every_setting_has_a_row():
    """All options of the command, and what else is read."""
    options = set(signature(__main__.collect).parameters)
    named = rows("Settings")
    assert options <= named
    assert named <= set(Settings.model_fields)
    code = "\n".join(file.read_text() for file in ROOM.glob("*.py"))
    assert set(re.findall(r"settings\.([a-z_]+)", code)) <= named
