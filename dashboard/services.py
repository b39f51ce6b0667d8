"""What pages and callbacks are given; built once by a composition root, passed on and never imported as a global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.live.store import LiveStore
from plant.historian.protocol import Historian
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable

Clock = Callable[[], int]
"""Gives the time now, UTC ms."""


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that a dashboard reads.

    Attributes:
        enterprise: The model that all figures are about.
        tags: Its tag table, the one that `historian` was opened with.
        historian: Blocks; call it through `asyncio.to_thread`.
        live: Newest values, states and health from the unified namespace; never blocks.
        clock: The time now, UTC ms.
    """

    enterprise: Enterprise
    tags: TagTable
    historian: Historian
    live: LiveStore
    clock: Clock
