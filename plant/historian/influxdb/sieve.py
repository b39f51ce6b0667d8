"""Stores as much of a batch as the server takes, and finds out which rows it does not take and why.

A server that refuses a part of a request stores the rest of it, but says of the part little that can be relied on: the
first field in conflict, and a number that is wrong on 1.x. Lines are wide, so one conflicting field costs its
neighbours too. So rows are sent again, sorted by what may be wrong with them:

==============  =======================================================================================================
type conflict   The fields that the server knows with another type are sent apart. Types belong to a name, whatever unit
                has it, and a shard (some days of a policy): each field and shard is tried on its own, and only what is
                refused then is left out. Such fields stay apart until they are taken again, lest they cost every batch
                a second request.
too old         What is older than a policy goes by the server's clock and setting: the first time that it takes is
                looked for by halving.
==============  =======================================================================================================

Sending again does no harm: the same point replaces itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.errors import StoreRefusal, StoreRejectedError
from plant.historian.influxdb.failures import is_too_old
from plant.historian.protocol import DAY_MS

Bools = NDArray[np.bool_]
_DAYS_BEFORE_1970: Final = 719_162
"""From the first of January of the year 1, from which servers count their shards."""


class Cause(StrEnum):
    """Why rows are refused; the keys under which they are counted."""

    TYPE_CONFLICT = "type_conflict"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows on their way.

    Attributes:
        tag: Of each row, int32, shape (n,).
        time: Of each row, UTC ms, int64, shape (n,).
        good: Which rows have a value; the others tell their quality only, a field of its own.
        send: Writes the rows that a mask chooses.
    """

    tag: NDArray[np.int32]
    time: NDArray[np.int64]
    good: Bools
    send: Callable[[Bools], None]


class Sieve:
    """What goes into one retention policy.

    Args:
        fields: Of each tag its field.
        shard_days: Days of one shard.
        conflicts: Asks the server which fields it knows with another type somewhere.
        name: What to call a tag.
    """

    def __init__(
        self,
        fields: Sequence[str],
        shard_days: int,
        conflicts: Callable[[], Collection[str]],
        name: Callable[[int], str],
    ) -> None:
        self._fields, number = np.unique(np.array(fields, np.object_), return_inverse=True)
        self._field_of = number.astype(np.int64)
        self._apart = np.zeros(len(self._fields), np.bool_)
        self._shard_days = shard_days
        self._conflicts = conflicts
        self._name = name

    def store(self, rows: Rows, wanted: Bools) -> tuple[Bools, list[StoreRefusal]]:
        """Send rows.

        Args:
            rows: A batch.
            wanted: Which of it are to be sent; shape (n,).

        Returns:
            Which rows are stored, and why the other wanted ones are not.

        Raises:
            StoreRejectedError: The server refuses rows for another reason than those above.
            StoreUnavailableError: It does not answer.
        """
        refusals: list[StoreRefusal] = []
        field = self._field_of[rows.tag]
        stored = self._usual(rows, wanted & ~self._apart[field], refusals)
        odd = wanted & self._apart[field]
        if odd.any():
            stored = stored | self._apart_from_others(rows, odd, refusals)
        return stored, refusals

    def _usual(self, rows: Rows, wanted: Bools, refusals: list[StoreRefusal]) -> Bools:
        """Send rows together; those whose types are in conflict are put apart, not sent."""
        if not wanted.any():
            return wanted
        try:
            rows.send(wanted)
        except StoreRejectedError as error:
            if is_too_old(error):
                return self._young(rows, wanted, refusals)
            self._apart |= np.isin(self._fields, list(self._conflicts()))
            rest = wanted & ~self._apart[self._field_of[rows.tag]]
            if rest.sum() == wanted.sum():
                raise
            return self._usual(rows, rest, refusals)
        return wanted

    def _apart_from_others(self, rows: Rows, odd: Bools, refusals: list[StoreRefusal]) -> Bools:
        """Send rows of conflicting fields, each field and shard on its own."""
        stored, refused = np.zeros(len(rows.tag), np.bool_), np.zeros(len(self._apart), np.bool_)
        for group in self._groups(rows, odd):
            try:
                rows.send(group)
            except StoreRejectedError as error:
                if is_too_old(error):
                    stored |= self._young(rows, group, refusals)
                    continue
                refused[self._field_of[rows.tag[group]]] = True
                refusals.append(self._refusal(Cause.TYPE_CONFLICT, rows, group, str(error)))
            else:
                stored |= group
        tried = np.unique(self._field_of[rows.tag[odd]])
        self._apart[tried] = refused[tried]
        return stored

    def _groups(self, rows: Rows, odd: Bools) -> Iterator[Bools]:
        """Rows that are refused or taken together."""
        shard = (rows.time // DAY_MS + _DAYS_BEFORE_1970) // self._shard_days
        keys = np.stack((self._field_of[rows.tag], shard, rows.good.astype(np.int64)))
        found, number = np.unique(keys[:, odd], axis=1, return_inverse=True)
        numbers = np.full(len(rows.tag), -1, np.int64)
        numbers[odd] = number.ravel()
        for each in range(found.shape[1]):
            yield numbers == each

    def _young(self, rows: Rows, wanted: Bools, refusals: list[StoreRefusal]) -> Bools:
        """Send rows of which the oldest are too old: the first time that is taken is found by halving."""
        times = np.unique(rows.time[wanted])
        low, high = 0, len(times)  # what is before `low` is too old, what is from `high` on is not
        while low < high:
            middle = (low + high) // 2
            try:
                rows.send(wanted & (rows.time == times[middle]))
            except StoreRejectedError as error:
                if not is_too_old(error):
                    raise
                low = middle + 1
            else:
                high = middle
        old = wanted & np.isin(rows.time, times[:high])
        if old.any():
            text = "older than the server keeps by its own clock and policy"
            refusals.append(self._refusal(Cause.TOO_OLD, rows, old, text))
        young = wanted & ~old
        if young.any():
            rows.send(young)
        return young

    def _refusal(self, cause: Cause, rows: Rows, refused: Bools, text: str) -> StoreRefusal:
        example = int(np.flatnonzero(refused)[0])
        name, time, count = self._name(int(rows.tag[example])), int(rows.time[example]), int(np.count_nonzero(refused))
        return StoreRefusal(cause, count, f"{count} rows, such as {name} of time {time} ms: {text}")
