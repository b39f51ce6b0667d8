"""Rules of a line: its constraint gives the state, its output the good product that target and rates are about."""

from __future__ import annotations

from plant.model.enterprise import Metric, Role
from plant.model.lines import Catalogue, PlannedLine
from plant.model.mistakes import Mistakes, did_you_mean


def check_line(line: PlannedLine, catalogue: Catalogue, mistakes: Mistakes) -> None:
    """Note everything that is wrong with a line as a whole."""
    written = line.written
    if not line.complete:
        return
    if not line.families:
        mistakes.add(line.location, f"line '{line.slug}' has no units", "list them under 'units', or 'use' a line type")
        return
    if written.spec.constraint is None:
        problem = f"line '{line.slug}' has no constraint"
        mistakes.add(line.location, problem, "add 'constraint: UNIT', the unit whose state is the line's state")
    else:
        _unit_with(line, "constraint", written.spec.constraint, Role.STATE, mistakes)
    if written.spec.output is None:
        for key in ("shift_target", "ideal_rates"):
            if getattr(written.spec, key):
                problem = f"line '{line.slug}' has '{key}' but no output"
                mistakes.add(written.where(key), problem, "add 'output: UNIT', the unit that counts the good product")
        return
    counter = _unit_with(line, "output", written.spec.output, Role.GOOD, mistakes)
    if counter is not None:
        _check_output(line, counter, catalogue, mistakes)


def _check_output(line: PlannedLine, counter: Metric, catalogue: Catalogue, mistakes: Mistakes) -> None:
    """Target, rates and products are counted in the unit of the output's counter."""
    written = line.written
    target = written.spec.shift_target
    if target is not None and target.unit != counter.unit:
        problem = f"the shift target is in '{target.unit}', but '{counter.key}' counts '{counter.unit}'"
        mistakes.add(written.where("shift_target"), problem, f"write '{target.amount:g} {counter.unit}'")
    for slug in written.spec.ideal_rates:
        where = (*written.where("ideal_rates"), slug)
        product = catalogue.spec.products.get(slug)
        if product is None:
            mistakes.add(where, f"unknown product '{slug}'", did_you_mean(slug, catalogue.spec.products))
        elif product.unit != counter.unit:
            problem = f"product '{slug}' is counted in '{product.unit}', but '{counter.key}' counts '{counter.unit}'"
            mistakes.add(where, problem, f"name a product in '{counter.unit}'")


def _unit_with(line: PlannedLine, key: str, slug: str, role: Role, mistakes: Mistakes) -> Metric | None:
    """The metric of `role` of the unit that `key` names."""
    where = line.written.where(key)
    unit = line.units.get(slug)
    if unit is None and not line.lacks(slug):
        return None
    if unit is None:
        problem = f"the {key} of line '{line.slug}' is '{slug}', which is no unit of it"
        mistakes.add(where, problem, did_you_mean(slug, line.units))
        return None
    if unit.written.spec.retired is not None:
        mistakes.add(where, f"the {key} of line '{line.slug}' is '{slug}', which is retired", "name a unit in service")
        return None
    metric = next((each for each in unit.metrics if each.role is role and each.retired is None), None)
    if metric is None:
        able = [
            each.slug for each in line.units.values() if any(m.role is role and m.retired is None for m in each.metrics)
        ]
        problem = f"the {key} of line '{line.slug}' is '{slug}', which has no metric with role {role}"
        mend = f"name one of {', '.join(able)}" if able else f"give one of its rows 'role: {role}'"
        mistakes.add(where, problem, mend)
    return metric
