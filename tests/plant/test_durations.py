from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.durations import EXAMPLES, duration_ms

UNITS_MS = {"s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


@given(number=st.integers(0, 10**6), unit=st.sampled_from(sorted(UNITS_MS)), blanks=st.sampled_from(["", " ", "  "]))
def test_a_number_and_a_unit_are_so_many_ms(number: int, unit: str, blanks: str) -> None:
    """Whole numbers are exact in every unit, with or without a blank."""
    assert duration_ms(f"{number}{blanks}{unit}") == number * UNITS_MS[unit]


def test_parts_of_a_unit_are_rounded_to_ms() -> None:
    """A decimal point is taken, also for what is less than a unit."""
    assert [duration_ms(text) for text in ("2.5 h", "0.25min", "0.0004 s")] == [9_000_000, 15_000, 0]


@pytest.mark.parametrize(
    "text", ["", "5", "5 minutes", "-1 s", "1,5 h", " 5 s", "5 s ", "5 S", "٥ s", "1e3 s", 5, None, 2.5]
)
def test_what_is_no_length_is_none(text: object) -> None:
    """No unit, another unit, a sign, blanks around, other digits, no text at all."""
    assert duration_ms(text) is None


def test_the_examples_are_lengths() -> None:
    """What people are told to write is taken."""
    told = EXAMPLES.removeprefix("write it like ").replace(" or ", ", ").split(", ")
    assert None not in [duration_ms(text) for text in told]
