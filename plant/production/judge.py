"""What each part of a line's time counts as: the time element of ISO 22400-2 and the class of the loss.

========================================================  ===================  =========================================
state and mode, in planned busy time                      element              loss
========================================================  ===================  =========================================
not known                                                 `Element.UNKNOWN`    none
mode Changeover                                           `Element.AUST`       setup
mode Maintenance                                          `Element.ADET`       breakdown
Execute                                                   `Element.APT`        none
Suspended, and on its way there and back                  `Element.ADET`       external
Held, Aborted, Stopped (and on the way), with an order    `Element.ADET`       breakdown, minor stop (`stops`)
Starting, Clearing, Resetting, with an order              `Element.ADET`       start-up
Idle, Completing, Complete, with an order                 `Element.ADET`       waiting
all that does not execute, without an order               `Element.ADOT`       no order
========================================================  ===================  =========================================

Outside planned busy time all is `Element.NOT_PLANNED`, also a line that runs. As OPC 40001-1 Annex C reads ISO 22400-2;
a maintenance mode inside planned busy time is a breakdown because a repair must not vanish when a fitter turns a key.
A line that tells no orders always has one; a manual mode counts as production does.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.calendar.spans import Planned
from plant.packml import Mode, State
from plant.production.elements import Element, Loss
from plant.production.segments import Segments
from plant.production.signals import NO_ORDER
from plant.production.steps import Integers

OWN: Final = (
    State.HOLDING,
    State.HELD,
    State.UNHOLDING,
    State.ABORTING,
    State.ABORTED,
    State.STOPPING,
    State.STOPPED,
)
"""The machine stands for a reason of its own."""
EXTERNAL: Final = (State.SUSPENDING, State.SUSPENDED, State.UNSUSPENDING)
START_UP: Final = (State.STARTING, State.CLEARING, State.RESETTING)
WAITING: Final = (State.IDLE, State.COMPLETING, State.COMPLETE)


def judged(parts: Segments) -> tuple[Integers, Integers]:
    """`Element` and `Loss` of each part; a stop of its own is a breakdown here, whatever its length."""
    ordered = parts.order != NO_ORDER
    delays = ((START_UP, Loss.START_UP), (WAITING, Loss.WAITING), (OWN, Loss.BREAKDOWN))
    rules: list[tuple[NDArray[np.bool_], Element, Loss]] = [
        (parts.planned != Planned.BUSY, Element.NOT_PLANNED, Loss.NONE),
        (_unknown(parts), Element.UNKNOWN, Loss.NONE),
        (parts.mode == Mode.CHANGEOVER, Element.AUST, Loss.SETUP),
        (parts.mode == Mode.MAINTENANCE, Element.ADET, Loss.BREAKDOWN),
        (parts.state == State.EXECUTE, Element.APT, Loss.NONE),
        (np.isin(parts.state, EXTERNAL), Element.ADET, Loss.EXTERNAL),
        (~ordered, Element.ADOT, Loss.NO_ORDER),
        *((np.isin(parts.state, states), Element.ADET, loss) for states, loss in delays),
    ]
    conditions = [rule[0] for rule in rules]
    element = np.select(conditions, [int(rule[1]) for rule in rules], int(Element.UNKNOWN))
    loss = np.select(conditions, [int(rule[2]) for rule in rules], int(Loss.NONE))
    return element.astype(np.int64), loss.astype(np.int64)


def _unknown(parts: Segments) -> NDArray[np.bool_]:
    """State not known, or the mode of a unit that tells one."""
    unknown: NDArray[np.bool_] = (parts.state == State.UNDEFINED) | (parts.mode == Mode.UNDEFINED)
    return unknown
