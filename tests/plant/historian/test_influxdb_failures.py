"""What the answers of an InfluxDB ask of us, without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from plant.errors import StoreRejectedError, StoreUnavailableError
from plant.historian.influxdb.address import InfluxDBAddress
from plant.historian.influxdb.failures import is_too_old, no_answer, retry_after_s

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ADDRESS = InfluxDBAddress("db", "factory")


@given(st.integers(0, 10**6))
def test_a_wait_in_seconds_is_read(seconds: int) -> None:
    """``Retry-After: 120`` is 120 s, whatever the case of the header's name."""
    assert retry_after_s({"retry-AFTER": f" {seconds} "}, NOW) == seconds


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_a_wait_until_a_date_goes_by_the_servers_clock(seconds: int, skew: int) -> None:
    """A date is measured from the server's ``Date``, so that two clocks that differ do no harm; the past is no wait."""
    its_now = NOW + timedelta(seconds=skew)
    until = format_datetime(its_now + timedelta(seconds=seconds), usegmt=True)
    assert retry_after_s({"Retry-After": until, "Date": format_datetime(its_now, usegmt=True)}, NOW) == max(0, seconds)
    assert retry_after_s({"Retry-After": until}, its_now) == max(0, seconds)


@given(st.text())
def test_what_is_no_wait_is_none(text: str) -> None:
    """Whatever stands in the headers, the answer is a number of seconds that is not negative."""
    assert retry_after_s({"Retry-After": text, "Date": text}, NOW) >= 0


@pytest.mark.parametrize("text", ["", "-5", "soon", "1.5", "\u00b2", "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_nonsense_is_no_wait(text: str) -> None:
    """A header that cannot be read leaves the wait to our own back-off."""
    assert retry_after_s({"Retry-After": text}, NOW) == 0
    assert retry_after_s({}, NOW) == 0


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ProtocolError("Connection aborted."), "db:8086/factory does not answer: Connection aborted"),
        (ReadTimeoutError(None, "/write", "Read timed out."), "does not answer: .*Read timed out"),
    ],
)
def test_no_answer_is_an_outage(error: Exception, text: str) -> None:
    """Resets, cuts and time-outs are tried again."""
    with pytest.raises(StoreUnavailableError, match=text):
        raise no_answer(ADDRESS, error)


@pytest.mark.parametrize(
    ("text", "too_old"),
    [
        ("partial write: points beyond retention policy dropped=3", True),
        ("partial write: dropped 1 points outside retention policy of duration 1h0m0s", True),
        ("partial write: shard 5 is pending deletion dropped=1", True),
        ('partial write: field type conflict: input field "x" is type float, already exists as type integer', False),
        ("unable to parse 'x': missing fields", False),
    ],
)
def test_refused_for_age_is_told_from_other_refusals(text: str, too_old: bool) -> None:
    """1.x and 2.x say it in different words."""
    assert is_too_old(StoreRejectedError(text)) is too_old
