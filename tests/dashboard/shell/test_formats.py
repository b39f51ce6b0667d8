import math
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import formats, language

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("value", "decimals", "ru", "en"),
    [
        (1234.5, 1, "1\u202f234,5", "1,234.5"),
        (-0.04, 1, "0,0", "0.0"),
        (-12345678, 0, "\u221212\u202f345\u202f678", "\u221212,345,678"),
        (0, 2, "0,00", "0.00"),
        (None, 1, "\u2014", "\u2014"),
        (math.nan, 1, "\u2014", "\u2014"),
        (math.inf, 1, "\u2014", "\u2014"),
    ],
)
def test_numbers(value: float | None, decimals: int, ru: str, en: str) -> None:
    """Russian numbers have a comma and narrow spaces, English ones a point and commas; None is a dash, not a zero."""
    assert formats.number(value, decimals, "ru") == ru
    assert formats.number(value, decimals, "en") == en


@given(st.floats(-1e12, 1e12), st.integers(0, 4))
def test_a_number_can_be_read_back(value: float, decimals: int) -> None:
    """A Russian number, read back, is the value to half of its last digit, and never a negative zero."""
    shown = formats.number(value, decimals, "ru")
    read = float(shown.replace("\u202f", "").replace("\u2212", "-").replace(",", "."))
    assert math.isclose(read, value, rel_tol=1e-12, abs_tol=0.5 * 10**-decimals + 1e-9)
    assert not (read == 0 and "\u2212" in shown)


@pytest.mark.parametrize(
    ("ms", "ru"),
    [
        (0, "0\u202fс"),
        (59_999, "59\u202fс"),
        (60_000, "1\u202fмин"),
        (3_599_999, "59\u202fмин"),
        (7_500_000, "2\u202fч 5\u202fмин"),
        (7_200_000, "2\u202fч"),
        (100_800_000, "1\u202fд 4\u202fч"),
    ],
)
def test_durations(ms: int, ru: str) -> None:
    """A duration has one part below an hour and two above, and no part that is zero."""
    assert formats.duration(ms) == ru


def test_a_duration_speaks_the_language_of_the_request() -> None:
    """Units of time are texts."""
    with language.use("en"):
        assert formats.duration(7_500_000) == "2\u202fh 5\u202fmin"


def test_times_are_in_the_given_zone() -> None:
    """Clock, date and the name of the zone are those of the plant, not of the machine."""
    at = 1_795_413_600_000
    assert formats.clock(at, MOSCOW) == "09:00"
    assert formats.clock(at + 5_000, MOSCOW, seconds=True) == "09:00:05"
    assert formats.moment(at, MOSCOW, "ru") == "23.11 09:00"
    assert formats.offset(MOSCOW, at) == "UTC+3"
    assert formats.offset(ZoneInfo("Asia/Kolkata"), at) == "UTC+5:30"
    assert formats.offset(ZoneInfo("America/New_York"), at) == "UTC\u22125"
    assert formats.day(date(2026, 11, 3), "en") == "3 Nov"


def test_shares_and_units() -> None:
    """A figure and its unit do not part; a share that is not known is a dash."""
    assert formats.share(0.873, "ru") == "87\u202f%"
    assert formats.share(None, "ru") == "\u2014"
    assert formats.with_unit("5", "") == "5"
