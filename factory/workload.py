"""How far the plans of lines are, from historian and operations database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from plant.errors import BadInputError, ConfigurationError
from plant.historian.protocol import DAY_MS, MINUTE_MS, Historian
from plant.kpi.window import Window
from plant.messages import OrdersMessage
from plant.model.enterprise import Enterprise
from plant.model.mistakes import did_you_mean
from plant.model.tags import TagTable
from plant.operations.database import Operations
from plant.operations.plans import PlanStore
from plant.orders.progress import LineProgress, line_progress
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes

PATH: Final = "/orders/progress"
LOOK_BACK_MS: Final = 14 * DAY_MS
"""Orders that were begun earlier are told too small; plans of lines reach a week ahead."""
_PROGRESS: Final = TypeAdapter(tuple[LineProgress, ...])


@dataclass(frozen=True, slots=True)
class Workload:
    """Tells how far plans are; blocks, from any thread.

    Attributes:
        enterprise: The model.
        tags: Its numeric tags, those of the historian.
        historian: Where minutes are.
        operations: Where plans are, with its tables.
        clock: Host time, UTC ms.
    """

    enterprise: Enterprise
    tags: TagTable
    historian: Historian
    operations: Operations
    clock: Callable[[], int]

    def progress(self, site: str | None) -> tuple[LineProgress, ...]:
        """Of the lines of a site that have a plan, or of all.

        Raises:
            ConfigurationError: There is no such site, or no plan is kept; says what to do.
            StoreError: Historian or operations database do not answer.
        """
        known = [each.slug for each in self.enterprise.sites]
        if site is not None and site not in known:
            raise ConfigurationError(f"there is no site '{site}'; {did_you_mean(site, known)}")
        plans = PlanStore(self.operations).plans()
        found = tuple(self._of_lines(plans, site))
        if not found:
            raise ConfigurationError(
                f"no plan of {site or 'any line'} is kept; collectors keep those that are published as 'orders', "
                "such as 'factory orders import' does"
            )
        return found

    def _of_lines(self, plans: Mapping[str, OrdersMessage], site: str | None) -> Iterator[LineProgress]:
        table = LineTable(self.tags)
        lines = {f"{row.site.slug}/{row.line.slug}": row for row in table if site in {None, row.site.slug}}
        chosen = {path: lines[path].index for path, plan in plans.items() if path in lines and plan.orders}
        now = self.clock() // MINUTE_MS * MINUTE_MS
        minutes = self.historian.production(sorted(chosen.values()), now - LOOK_BACK_MS, now)
        for path, line in sorted(chosen.items(), key=lambda each: each[1]):
            own = minutes.take(minutes.line == line)
            window = Window(now - LOOK_BACK_MS, _known_until(own, now))
            yield line_progress(table, line, plans[path].orders, own, window)


def _known_until(minutes: ProductionMinutes, now: int) -> int:
    """The end of the newest minute; an hour without any means that nothing is known any more."""
    newest = int(minutes.time.max(initial=0)) + MINUTE_MS
    return newest if newest > now - 60 * MINUTE_MS else now


def decode(payload: bytes) -> tuple[LineProgress, ...]:
    """The answer of a running system.

    Raises:
        BadInputError: It is none (``malformed_payload``).
    """
    try:
        return _PROGRESS.validate_json(payload)
    except ValidationError as error:
        raise BadInputError("malformed_payload", f"no progress of orders: {error}") from error
