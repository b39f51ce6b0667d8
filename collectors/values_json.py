"""JSON of `plant.messages.ValuesMessage` out of columns: a text with gaps per unit, and all numbers written at once.

Under load every unit speaks five times a second, so this is made more often than anything else; by way of an object
for each value it took five times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import orjson
from numpy.typing import NDArray

from plant.messages import Value, ValuesMessage

_SCHEMA: Final = ValuesMessage(0, {}).schema


class ValuesJson:
    """Writes the messages of one unit.

    Args:
        keys: Its metric keys, those of numbers and behind them those of texts.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        names = [orjson.dumps(key).decode().replace("%", "%%") for key in keys]
        values = ",".join(f'{name}:{{"value":%s,"time":%s,"quality":%s}}' for name in names)
        self._template = f'{{"time":%s,"values":{{{values}}},"schema":"{_SCHEMA}"}}'

    def encode(
        self,
        value: NDArray[np.float64],
        time: NDArray[np.int64],
        quality: NDArray[np.uint16],
        texts: Sequence[Value],
    ) -> bytes:
        """The message; its time is the newest of all.

        Args:
            value: The numbers, shape (n,); NaN and infinities become null.
            time: UTC ms, shape (n,).
            quality: Shape (n,).
            texts: The texts.
        """
        newest = max(int(time.max(initial=0)), *(text.time for text in texts), 0)
        parts: list[str] = [""] * (3 * (len(value) + len(texts)) + 1)
        parts[0] = str(newest)
        for place, column in enumerate((value, time, quality)):
            numbers = orjson.dumps(column, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode()
            parts[1 + place : 3 * len(value) + 1 : 3] = numbers.split(",") if numbers else []
        for place, text in enumerate(texts, len(value)):
            parts[3 * place + 1 : 3 * place + 4] = orjson.dumps(text.value).decode(), str(text.time), str(text.quality)
        return (self._template % tuple(parts)).encode()
