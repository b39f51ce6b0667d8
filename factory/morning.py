"""The morning summary of a date, from historian and operations database: for the command line and for whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError

from plant.calendar.work_calendar import WorkCalendar
from plant.errors import BadInputError, ConfigurationError
from plant.historian.protocol import Historian
from plant.model.enterprise import Enterprise, Site
from plant.model.tags import TagTable
from plant.operations.corrections import CorrectionStore
from plant.operations.database import Operations
from plant.operations.receipts import ReceiptStore
from plant.production.lines import LineTable
from plant.production.reasons import load_reasons
from plant.summary.parts import Summary
from plant.summary.periods import Days
from plant.summary.rates import Rates
from plant.summary.reading import facts, last_day
from plant.summary.summary import Question, summarise

PATH: Final = "/summary"
_SUMMARY: Final = TypeAdapter(Summary)


@dataclass(frozen=True, slots=True)
class Morning:
    """Makes summaries; blocks, from any thread.

    Attributes:
        enterprise: The model.
        tags: Its numeric tags, those of the historian.
        historian: Where minutes are.
        operations: Where receipts are, with its tables.
        rates: What is worth how much.
        clock: Host time, UTC ms.
    """

    enterprise: Enterprise
    tags: TagTable
    historian: Historian
    operations: Operations
    rates: Rates
    clock: Callable[[], int]

    def summary(self, on: date | None) -> Summary:
        """Of a production day, yesterday's if None.

        Raises:
            ConfigurationError: It is not over yet, or nothing is kept of it; says what to do.
            StoreError: Historian or operations database do not answer.
        """
        newest = last_day(self.enterprise.sites, self.clock())
        wanted = newest if on is None else on
        if wanted > newest:
            raise ConfigurationError(
                f"the production day {wanted} is not over at all sites; ask for {newest}, or wait until it is"
            )
        question = Question(self.enterprise, LineTable(self.tags), load_reasons(), wanted)
        receipts = ReceiptStore(self.operations).between(wanted, wanted)
        first, last = spans(self.enterprise.sites, wanted)
        corrections = CorrectionStore(self.operations).between(first, last)
        told = facts(self.historian, question, receipts, self.rates, corrections)
        if not ((told.minutes.time >= first) & (told.minutes.time < last)).any():
            raise ConfigurationError(f"no production minutes of {wanted} are kept; {make_them(first, last)}")
        return summarise(question, told)


def spans(sites: tuple[Site, ...], on: date) -> tuple[int, int]:
    """From the begin of a production day at the first site to its end at the last one, UTC ms."""
    windows = [Days(on, on).at(WorkCalendar.of(site)) for site in sites]
    return min(each.start_ms for each in windows), max(each.end_ms for each in windows)


def make_them(start: int, end: int) -> str:
    """The mend for minutes that are missing in a time, UTC ms."""
    first, last = (datetime.fromtimestamp(at / 1_000, UTC).strftime("%Y-%m-%dT%H:%M") for at in (start, end))
    return f"make them from the readings, if there are any: factory production rebuild --from {first} --to {last}"


def decode(payload: bytes) -> Summary:
    """A summary out of its JSON.

    Raises:
        BadInputError: It is none (``malformed_payload``).
    """
    try:
        return _SUMMARY.validate_json(payload)
    except ValidationError as error:
        raise BadInputError("malformed_payload", f"no summary: {error}") from error
