from __future__ import annotations

import numpy as np
import pytest

from plant.model.load import load
from plant.model.tags import TagTable
from plant.readings import BAD, GOOD
from simulators.report import REFRESH_MS, Reporter

T = 1_795_000_000_000


@pytest.fixture
def tags() -> TagTable:
    """Any table that has deadbands."""
    return TagTable(load("print-farm"))


def _arrays(tags: TagTable) -> tuple[np.ndarray, np.ndarray]:
    return np.full(len(tags), 50.0), np.full(len(tags), GOOD, np.uint16)


def _with_deadband(tags: TagTable) -> int:
    return next(tag.index for tag in tags if tag.metric.deadband > 0.0)


def test_everything_is_told_once_at_the_start(tags: TagTable) -> None:
    """The first call tells all tags, the second none."""
    reporter, (values, qualities) = Reporter(tags), _arrays(tags)
    assert reporter.changed(T, values, qualities).tolist() == list(range(len(tags)))
    assert len(reporter.changed(T + 1, values, qualities)) == 0


def test_a_value_is_told_when_it_leaves_its_deadband(tags: TagTable) -> None:
    """Less than the deadband is not told, the deadband is; drift is measured from what was last told."""
    reporter, (values, qualities) = Reporter(tags), _arrays(tags)
    reporter.changed(T, values, qualities)
    row = _with_deadband(tags)
    deadband = tags[row].metric.deadband
    values[row] += 0.6 * deadband
    assert len(reporter.changed(T + 1, values, qualities)) == 0
    values[row] += 0.6 * deadband
    assert reporter.changed(T + 2, values, qualities).tolist() == [row]


def test_without_a_deadband_any_change_is_told(tags: TagTable) -> None:
    """States and modes have no deadband."""
    reporter, (values, qualities) = Reporter(tags), _arrays(tags)
    reporter.changed(T, values, qualities)
    row = next(tag.index for tag in tags if tag.metric.deadband == 0.0)
    values[row] += 1e-9
    assert reporter.changed(T + 1, values, qualities).tolist() == [row]


def test_a_quality_change_is_told(tags: TagTable) -> None:
    """Losing and regaining a good value is news, also when there is no number."""
    reporter, (values, qualities) = Reporter(tags), _arrays(tags)
    reporter.changed(T, values, qualities)
    values[3], qualities[3] = np.nan, BAD
    assert reporter.changed(T + 1, values, qualities).tolist() == [3]
    assert len(reporter.changed(T + 2, values, qualities)) == 0
    values[3], qualities[3] = 50.0, GOOD
    assert reporter.changed(T + 3, values, qualities).tolist() == [3]


def test_what_never_had_a_value_is_not_ours(tags: TagTable) -> None:
    """A tag without a value from the start is somebody else's and stays silent."""
    reporter, (values, qualities) = Reporter(tags), _arrays(tags)
    values[5], qualities[5] = np.nan, BAD
    assert 5 not in reporter.changed(T, values, qualities)
    assert 5 not in reporter.changed(T + 2 * REFRESH_MS, values, qualities)


def test_calm_values_are_told_again(tags: TagTable) -> None:
    """Within ten minutes each tag is told at least once, and never all at the same moment."""
    reporter, (values, qualities) = Reporter(tags), _arrays(tags)
    reporter.changed(T, values, qualities)
    told = np.zeros(len(tags), np.int64)
    most = 0
    for second in range(1, REFRESH_MS // 1000 + 1):
        rows = reporter.changed(T + 1000 * second, values, qualities)
        told[rows] += 1
        most = max(most, len(rows))
    assert (told >= 1).all()
    assert most < 0.1 * len(tags)


def test_forgotten_tags_are_told_anew(tags: TagTable) -> None:
    """After a birth the tags of a node are told whatever they were."""
    reporter, (values, qualities) = Reporter(tags), _arrays(tags)
    reporter.changed(T, values, qualities)
    reporter.forget(np.array([1, 4]))
    assert reporter.changed(T + 1, values, qualities).tolist() == [1, 4]
