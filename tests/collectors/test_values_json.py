"""The JSON of a unit's values, written from columns."""

from __future__ import annotations

import numpy as np
import orjson
from hypothesis import given
from hypothesis import strategies as st

from collectors.values_json import ValuesJson
from plant.messages import Value, ValuesMessage, encode
from plant.readings import BAD, GOOD, STALE

TIMES = st.integers(0, 1 << 42)
QUALITIES = st.sampled_from([BAD, GOOD, STALE])
NUMBERS = st.lists(st.tuples(st.floats(), TIMES, QUALITIES), max_size=5)
TEXTS = st.lists(st.builds(Value, st.none() | st.text(max_size=9), TIMES, QUALITIES), max_size=3)


@given(NUMBERS, TEXTS)
def test_it_says_what_the_message_says(numbers: list[tuple[float, int, int]], texts: list[Value]) -> None:
    """Any numbers and texts, NaN, infinities and quotes among them, read like the message made of objects."""
    keys = [f"number-{place}" for place in range(len(numbers))] + [f'100 % "{place}"' for place in range(len(texts))]
    values = [Value(*row) for row in numbers] + texts
    message = ValuesMessage(max((value.time for value in values), default=0), dict(zip(keys, values, strict=True)))
    value, time, quality = zip(*numbers, strict=True) if numbers else ((), (), ())
    written = ValuesJson(keys).encode(
        np.array(value, np.float64), np.array(time, np.int64), np.array(quality, np.uint16), texts
    )
    assert orjson.loads(written) == orjson.loads(encode(message))


def test_nothing_is_lost_of_a_number() -> None:
    """A number reads back as the very same float."""
    values = np.array([0.1 + 0.2, 5e-324, -0.0, 1.7976931348623157e308, 1e16])
    keys = [str(place) for place in range(len(values))]
    times, qualities = np.ones(len(values), np.int64), np.full(len(values), GOOD, np.uint16)
    told = orjson.loads(ValuesJson(keys).encode(values, times, qualities, []))["values"]
    assert [told[key]["value"] for key in keys] == values.tolist()
