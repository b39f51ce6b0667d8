"""The lines of an enterprise as production minutes see them: who gives the state, what counts, what is ideal."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.model.enterprise import Line, Metric, Role, Site, Unit
from plant.model.tags import TagTable

_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class TextSource:
    """A text metric: the unit (index in the units of the table) and its key, as in the events of the historian."""

    unit: int
    metric: str


@dataclass(frozen=True, slots=True)
class ProductionLine:
    """One line; tags are indices in the tag table, units indices in the units of the line table.

    Attributes:
        index: In the table.
        constraint: Unit whose state is the line's.
        measure: In which all product is counted, or entered by hand; empty for a line that makes nothing.
        order: Where the number of the order is told, None where nobody tells: such a line always has one.
        product: Where the product is told; None for a line of a single product, or of none.
        reason: Where the constraint tells why it stands.
        formed_lot: Where the lot that is formed is told; `dried_lot` where the lot that comes out is. Both or neither:
            without them good product is booked when it comes out.
        produced: Counters whose sum is the produced quantity; at the wet knife where there is one.
        good: Counters of good product, behind the dryer where there is one; `reject` likewise.
        gas: Counters of gas, m3; `energy` kWh, `water` m3. Those of the line's own units, else meters that the model
            gives to this line alone; a meter that several lines share is nobody's.
        minor_ms: A stop of its own shorter than this is minor, ms.
        nodes: Edge nodes that speak for its units, as ``site/gateway``.
    """

    index: int
    site: Site
    line: Line
    constraint: int
    measure: str
    order: TextSource | None
    product: TextSource | None
    reason: TextSource | None
    formed_lot: TextSource | None
    dried_lot: TextSource | None
    produced: tuple[int, ...]
    good: tuple[int, ...]
    reject: tuple[int, ...]
    gas: tuple[int, ...]
    energy: tuple[int, ...]
    water: tuple[int, ...]
    minor_ms: int
    nodes: frozenset[str]

    @property
    def storage(self) -> str:
        """``site/line`` under which its minutes are kept."""
        return self.line.storage

    @property
    def counters(self) -> tuple[int, ...]:
        """All counters that it needs, each once."""
        every = (*self.produced, *self.good, *self.reject, *self.gas, *self.energy, *self.water)
        return tuple(dict.fromkeys(every))


class LineTable(Sequence[ProductionLine]):
    """All lines of an enterprise, in the order of the model; indices are valid inside this process only.

    Attributes:
        units: All units of the enterprise, in the order of the model; indices of units count in it.
        products: Slugs of products; indices of products count in it.
        ideal_rates: Units of measure per hour, NaN where the line does not make it, shape (lines, products).
    """

    def __init__(self, tags: TagTable) -> None:
        enterprise = tags.enterprise
        self.tags = tags
        self.units: tuple[Unit, ...] = tuple(enterprise.units)
        self.products: tuple[str, ...] = tuple(enterprise.products)
        self.unit_index = {unit.storage: index for index, unit in enumerate(self.units)}
        lines = [(site, line) for site in enterprise.sites for line in site.lines]
        self._lines = tuple(self._row(index, site, line) for index, (site, line) in enumerate(lines))
        self._by_storage = {row.storage: row.index for row in self._lines}
        self.ideal_rates = np.full((len(lines), len(self.products)), np.nan)
        for index, (_, line) in enumerate(lines):
            for product, rate in line.ideal_rates.items():
                self.ideal_rates[index, self.products.index(product)] = rate

    def __getitem__(self, index: int) -> ProductionLine:  # type: ignore[override]  # slices of lines have no use here
        return self._lines[index]

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[ProductionLine]:
        return iter(self._lines)

    def by_storage(self, storage: str) -> int | None:
        """Index of the line kept as ``site/line``, None if the model does not know it."""
        return self._by_storage.get(storage)

    def product_index(self, slug: str) -> int:
        """Index of a product, -1 if the model does not know it."""
        return self.products.index(slug) if slug in self.products else -1

    def only_product(self) -> NDArray[np.int64]:
        """The product of lines that make a single one, -1 for the others; shape (lines,)."""
        makes = np.isfinite(self.ideal_rates)
        only = makes.sum(axis=1) == 1
        return np.where(only, makes.argmax(axis=1), -1) if self.products else np.full(len(self), -1)

    def _entered(self, line: Line) -> str:
        """Unit of measure of a line without counters: that of its products, if they have one."""
        units = {self.tags.enterprise.products[slug].unit for slug in line.ideal_rates}
        return units.pop() if len(units) == 1 else ""

    def _row(self, index: int, site: Site, line: Line) -> ProductionLine:
        constraint = line.unit(line.constraint)
        output = None if line.output is None else line.unit(line.output)
        good = None if output is None else output.with_role(Role.GOOD)
        former = None if output is None or good is None else _former(line, constraint, output, good)
        formed_lot = None if former is None else self._text(former, Role.LOT)
        dried_lot = None if output is None else self._text(output, Role.LOT)
        if former is output or formed_lot is None or dried_lot is None:
            formed_lot = dried_lot = None
        nearest = (constraint, *line.units)
        return ProductionLine(
            index=index,
            site=site,
            line=line,
            constraint=self.unit_index[constraint.storage],
            measure=self._entered(line) if good is None else good.unit,
            order=self._nearest(nearest, Role.ORDER),
            product=self._nearest(nearest, Role.PRODUCT),
            reason=self._text(constraint, Role.REASON),
            formed_lot=formed_lot,
            dried_lot=dried_lot,
            produced=() if former is None else self._produced(former),
            good=() if output is None else self._tags(output, Role.GOOD),
            reject=() if output is None else self._tags(output, Role.REJECT),
            gas=self._consumed(site, line, Role.GAS),
            energy=self._consumed(site, line, Role.ENERGY),
            water=self._consumed(site, line, Role.WATER),
            minor_ms=round(line.minor_stop_min * _MINUTE_MS),
            nodes=frozenset(f"{site.slug}/{unit.gateway}" for unit in line.units),
        )

    def _produced(self, unit: Unit) -> tuple[int, ...]:
        """Its counter of all that it makes; one that counts only good and bad makes the sum of both."""
        return self._tags(unit, Role.PRODUCED) or (*self._tags(unit, Role.GOOD), *self._tags(unit, Role.REJECT))

    def _consumed(self, site: Site, line: Line, role: Role) -> tuple[int, ...]:
        """Counters of its own units, of a line that makes something; else meters of it alone, never the site's."""
        own = tuple(tag for unit in line.units if line.output and not unit.meters for tag in self._tags(unit, role))
        meters = (unit for unit in site.units if unit.meters == (line.slug,))
        return own or tuple(tag for unit in meters for tag in self._tags(unit, role))

    def _tags(self, unit: Unit, role: Role) -> tuple[int, ...]:
        metric = unit.with_role(role) if unit.retired is None else None
        return () if metric is None else (self.tags.of_unit(unit)[metric.key].index,)

    def _text(self, unit: Unit, role: Role) -> TextSource | None:
        metric = unit.with_role(role)
        return None if metric is None else TextSource(self.unit_index[unit.storage], metric.key)

    def _nearest(self, units: Sequence[Unit], role: Role) -> TextSource | None:
        return next((source for unit in units if (source := self._text(unit, role)) is not None), None)


def _former(line: Line, constraint: Unit, output: Unit, good: Metric) -> Unit:
    """The unit whose count is what is produced: the constraint, else the nearest upstream of the output, else it."""
    if _counts(constraint, good):
        return constraint
    sources: dict[str, list[Unit]] = {}
    for unit in line.units:
        for target in unit.feeds:
            sources.setdefault(target, []).append(unit)
    waiting, seen = deque([output]), {output.ref}
    while waiting:
        unit = waiting.popleft()
        if _counts(unit, good):
            return unit
        fresh = [each for each in sources.get(unit.ref, ()) if each.ref not in seen]
        seen.update(each.ref for each in fresh)
        waiting.extend(fresh)
    return output


def _counts(unit: Unit, good: Metric) -> bool:
    """Whether a unit counts what it produces in the measure of the good product."""
    produced = unit.with_role(Role.PRODUCED)
    return produced is not None and produced.unit == good.unit and unit.retired is None
