"""What an operator or a host may do to a plant: set points, recipes, modes and PackML commands, each with its check.

Every function gives the state after a write, or raises `BadInputError` with the reason of the refusal:
``not_writable``, ``out_of_range`` (no such value, ever) or ``not_now`` (the machine's present state does not take it).
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import TypeVar

import numpy as np

from plant.errors import BadInputError
from plant.model.enterprise import Role
from plant.model.tags import Tag, TextTag
from plant.packml import Mode, State
from simulators.world import machines
from simulators.world.inertia import Floats, Ints
from simulators.world.state import WorldState
from simulators.world.structure import Structure
from simulators.world.transitions import Command

A = TypeVar("A", Floats, Ints)
E = TypeVar("E", bound=IntEnum)
MODES_CHANGE = frozenset({State.STOPPED, State.IDLE, State.ABORTED})
"""States in which the mode may be chosen (ISA-TR88.00.02-2015, clause 4.4: at points that the machine defines)."""
BY_WORK = 0
"""In `MachineState.mode`: the mode follows from what is done."""


def taken(fixed: Structure, tag: Tag) -> bool:
    """Whether numbers may be written to a tag at all."""
    known = tag.metric.role in {Role.COMMAND, Role.MODE} or tag.index in fixed.display.set_points
    return tag.metric.writable and known


def written(fixed: Structure, state: WorldState, tag: Tag, value: float) -> WorldState:
    """The state after a number was written to a tag."""
    metric, row = tag.metric, fixed.roster.row[tag.unit.path]
    if not taken(fixed, tag):
        raise BadInputError("not_writable", f"'{tag.path}' cannot be written")
    if not np.isfinite(value) or (metric.span and not metric.span.low <= value <= metric.span.high):
        raise BadInputError("out_of_range", f"{value} is outside the range of '{tag.path}'")
    if metric.role is Role.COMMAND:
        return _commanded(fixed, state, row, _known(Command, value))
    if metric.role is Role.MODE:
        return _with_mode(fixed, state, row, _known(Mode, value))
    return _with_set_point(state, fixed.display.set_points[tag.index], value)


def loaded(fixed: Structure, state: WorldState, tag: TextTag, place: int, product: str) -> WorldState:
    """The state after a recipe was chosen: all set points of the unit are those of that product.

    Args:
        fixed: What does not change.
        state: Before.
        tag: The text that names the recipe.
        place: Of the tag among the enterprise's texts.
        product: Slug of a product of the unit's line.
    """
    if not tag.metric.writable or place not in fixed.display.text_set_points:
        raise BadInputError("not_writable", f"'{tag.path}' cannot be written")
    kind, key, within = fixed.display.text_set_points[place]
    names = list(fixed.kinds[kind].texts()[key])
    line = fixed.plan.line_of[fixed.roster.row[tag.unit.path]]
    made = fixed.plan.products[line, : fixed.plan.choices[line]].tolist()
    if product not in names or names.index(product) not in made:
        choice = ", ".join(names[each] for each in made)
        raise BadInputError("out_of_range", f"'{product}' is no product of '{tag.path}'; choose from {choice}")
    rate = fixed.plan.rates[line, made.index(names.index(product))]
    zero = fixed.kinds[kind].zero
    recipe = fixed.kinds[kind].recipe(zero + rate, zero + names.index(product))
    values = {each: _with(value, within, recipe[each][within]) for each, value in state.set_points[kind].items()}
    return replace(state, set_points={**state.set_points, kind: values})


def refused(fixed: Structure, state: WorldState, tag: Tag) -> WorldState:
    """The state after a write was refused: a command tag shows no command, so that nobody takes it for carried out."""
    if tag.metric.role is not Role.COMMAND:
        return state
    return replace(state, command=_with(state.command, fixed.roster.row[tag.unit.path], Command.NONE))


def read_back(fixed: Structure, state: WorldState, tag: Tag) -> float:
    """What holds now for a tag that takes writes."""
    row = fixed.roster.row[tag.unit.path]
    if tag.metric.role is Role.COMMAND:
        return float(state.command[row])
    if tag.metric.role is Role.MODE:
        return float(machines.modes(state.machines)[row])
    kind, key, within = fixed.display.set_points[tag.index]
    return float(state.set_points[kind][key][within] if kind else state.signals.value[within])


def _commanded(fixed: Structure, state: WorldState, row: int, asked: Command) -> WorldState:
    after = state.machines if asked is Command.NONE else machines.command(fixed.machines, state.machines, row, asked)
    if after is None:
        raise _not_now(fixed, state, row, f"the command {asked.name}")
    return replace(state, machines=after, command=_with(state.command, row, asked))


def _with_mode(fixed: Structure, state: WorldState, row: int, mode: Mode) -> WorldState:
    """Production leaves the mode to the work again; in any other the line's sequence does not start the machine."""
    follows = not fixed.machines.active[row] or fixed.machines.follows[row] >= 0
    if follows or State(int(state.machines.state[row])) not in MODES_CHANGE:
        raise _not_now(fixed, state, row, f"the mode {mode.name}")
    chosen = BY_WORK if mode in {Mode.UNDEFINED, Mode.PRODUCTION} else int(mode)
    return replace(state, machines=replace(state.machines, mode=_with(state.machines.mode, row, chosen)))


def _with_set_point(state: WorldState, at: tuple[str, str, int], value: float) -> WorldState:
    kind, key, row = at
    if not kind:
        return replace(state, signals=replace(state.signals, value=_with(state.signals.value, row, value)))
    changed = {**state.set_points[kind], key: _with(state.set_points[kind][key], row, value)}
    return replace(state, set_points={**state.set_points, kind: changed})


def _not_now(fixed: Structure, state: WorldState, row: int, what: str) -> BadInputError:
    present = State(int(state.machines.state[row])).name
    name = "/".join(fixed.roster.units[row].path)
    return BadInputError("not_now", f"'{name}' is in {present} and does not take {what}")


def _known(codes: type[E], value: float) -> E:
    """The code that a number stands for; `BadInputError` (``out_of_range``) for a number that stands for none."""
    for code in codes:
        if code == value:
            return code
    raise BadInputError("out_of_range", f"{value:g} is no {codes.__name__.lower()}")


def _with(array: A, row: int, value: float) -> A:
    changed = array.copy()
    changed[row] = value
    return changed
