from __future__ import annotations

import pytest

from simulators.fleet.rate import Rate


def test_only_the_last_seconds_count() -> None:
    """A rate is that of its span, not of all time."""
    rate = Rate(span_s=10.0)
    for second in range(60):
        rate.mark(float(second), second if second < 30 else 30 + 20 * (second - 30))
    assert rate.per_s == pytest.approx(20.0)


def test_nothing_is_known_before_two_marks() -> None:
    """One mark has no rate, and what is forgotten has none either."""
    rate = Rate()
    assert rate.per_s == 0.0
    rate.mark(1.0, 5.0)
    assert rate.per_s == 0.0
    rate.mark(2.0, 8.0)
    assert rate.per_s == 3.0
    rate.forget()
    assert rate.per_s == 0.0
