"""What an instant of a line counts as: the time element of ISO 22400-2, and the class of the loss."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Element(IntEnum):
    """Time element of ISO 22400-2; each instant of a line is in exactly one. The numbers are stored."""

    NOT_PLANNED = 0
    """Outside planned busy time: break, holiday, no shift, approved maintenance window."""
    APT = 1
    """Actual production time: Execute in production mode."""
    ADET = 2
    """Actual unit delay time: planned busy, with an order, and not producing."""
    ADOT = 3
    """Actual unit down time: a manned shift without an order."""
    AUST = 4
    """Actual unit setup time: changeover, inside planned busy time."""
    UNKNOWN = 5
    """Planned busy, but no data: never counted as running or as stopped, it lowers coverage."""


class Loss(IntEnum):
    """Class of a loss of time; the length of a stop decides only between breakdown and minor stop. Stored."""

    NONE = 0
    """Production time, or time that is not planned or not known."""
    BREAKDOWN = 1
    MINOR_STOP = 2
    """A stop as a breakdown is, but the whole of it shorter than the line's limit."""
    EXTERNAL = 3
    """Starved or blocked: charged to the causing unit."""
    START_UP = 4
    WAITING = 5
    """Idle with an order: operator, logistics."""
    NO_ORDER = 6
    SETUP = 7


PLANNED_BUSY: Final = (Element.APT, Element.ADET, Element.ADOT, Element.AUST, Element.UNKNOWN)
"""Elements of planned busy time, PBT."""
