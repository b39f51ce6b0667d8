"""Output against plan and specific consumption: sums of counter increases over a window, divided last.

A site on trial has its figures but none of them enters those of the group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.period import Window
from dashboard.queries.shifts import planned
from plant.model.enterprise import Line, Role, Site, SiteStatus, SpecificConsumption
from plant.model.tags import Tag, TagTable


@dataclass(frozen=True, slots=True)
class Increase:
    """By how much a counter grew.

    Attributes:
        amount: In the counter's unit of measure; None if nothing is known of it.
        coverage: Share of the window with good data, 0 to 1.
    """

    amount: float | None
    coverage: float


UNKNOWN = Increase(None, 0.0)


@dataclass(frozen=True, slots=True)
class LineOutput:
    """What a line made and should have made.

    Attributes:
        tag: The counter of good product.
        made: In the window, in the counter's unit of measure; None if not known.
        plan: Shift targets pro rata for the part of the window that has passed; None without a target.
        plan_whole: For the whole window, so that a running shift shows where it should end.
        coverage: Share of the passed window with good data, 0 to 1.
    """

    line: Line
    tag: Tag
    made: float | None
    plan: float | None
    plan_whole: float | None
    coverage: float

    @property
    def share(self) -> float | None:
        """Made over plan; None if either is missing or the plan is 0."""
        return self.made / self.plan if self.made is not None and self.plan else None


@dataclass(frozen=True, slots=True)
class SpecificFigure:
    """Consumption per unit of good product.

    Attributes:
        value: In `specific.unit`; None if a part is not known or nothing was made.
        consumed: Sum of the numerators, None if not known; likewise `product`.
        coverage: Of the worst counter, 0 to 1.
    """

    specific: SpecificConsumption
    value: float | None
    consumed: float | None
    product: float | None
    coverage: float

    @property
    def over_target(self) -> float | None:
        """By which share it is above its target (below is negative); None if either is missing."""
        target = self.specific.target
        return self.value / target - 1 if self.value is not None and target else None


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """Figures of one site in its own window."""

    site: Site
    window: Window
    outputs: tuple[LineOutput, ...]
    specific: tuple[SpecificFigure, ...]

    @property
    def coverage(self) -> float:
        """Of its worst figure that is known at all, 0 to 1; 1 without any."""
        every = [output.coverage for output in self.outputs] + [figure.coverage for figure in self.specific]
        return min((coverage for coverage in every if coverage), default=1.0)


@dataclass(frozen=True, slots=True)
class Total:
    """Output of one kind of line over some sites.

    Attributes:
        lines: Lines that make the same products, whatever their sites call them.
        unit: Unit of measure of all amounts.
        made: Sum of what is known; None if nothing is.
        plan: Sum of the plans of the same lines until now; None unless each has one. `plan_whole` for whole windows.
        missing: How many of the lines are not known and therefore not in the sums.
        coverage: Of the worst of the known ones, 0 to 1.
    """

    lines: tuple[Line, ...]
    unit: str
    made: float | None
    plan: float | None
    plan_whole: float | None
    missing: int
    coverage: float

    @property
    def share(self) -> float | None:
        """Made over plan; None if either is missing or the plan is 0."""
        return self.made / self.plan if self.made is not None and self.plan else None


def output_of(line: Line, figures: Sequence[SiteFigures]) -> LineOutput | None:
    """The output of a line among the figures of some sites."""
    outputs = (output for one in figures for output in one.outputs)
    return next((output for output in outputs if (output.line.site, output.line.slug) == (line.site, line.slug)), None)


def total_like(total: Total, others: Sequence[Total]) -> Total | None:
    """The total over the same lines in another window."""
    return next((other for other in others if other.lines == total.lines and other.unit == total.unit), None)


def output_tag(line: Line, tags: TagTable) -> Tag | None:
    """The counter of a line's good product, None for a line that makes nothing."""
    if line.output is None:
        return None
    unit = line.unit(line.output)
    metric = unit.with_role(Role.GOOD)
    return None if metric is None else tags.of_unit(unit)[metric.key]


def counters_of(site: Site, tags: TagTable) -> list[Tag]:
    """Every counter that a site's figures need, each once."""
    outputs = [tag for line in site.lines if (tag := output_tag(line, tags)) is not None]
    parts = [ref for specific in site.specific for ref in (*specific.numerators, *specific.denominators)]
    return list({tag.index: tag for tag in (*outputs, *(tag_of(site, ref, tags) for ref in parts))}.values())


def tag_of(site: Site, ref: str, tags: TagTable) -> Tag:
    """The tag that ``line/unit/metric`` of a site names; KeyError if there is none (the model is validated)."""
    line, unit, metric = ref.split("/")
    return tags.of_unit(site.line(line).unit(unit))[metric]


def site_figures(site: Site, window: Window, grown: Mapping[int, Increase], tags: TagTable) -> SiteFigures:
    """Figures of a site from the increases of its counters, by tag index."""
    outputs = []
    for line in site.lines:
        tag = output_tag(line, tags)
        if tag is not None:
            outputs.append(_line_output(line, tag, site, window, grown.get(tag.index, UNKNOWN)))
    specific = tuple(_specific(one, site, grown, tags) for one in site.specific)
    return SiteFigures(site, window, tuple(outputs), specific)


def totals(figures: Sequence[SiteFigures], status: SiteStatus) -> list[Total]:
    """Output over the sites of one status, per family of products and unit of measure.

    What passes from one line of a family to another, as printers pass from assembly to testing, counts once: where it
    leaves the family.
    """
    outputs = [output for one in figures if one.site.status is status for output in one.outputs]
    families = _families([output.line for one in figures for output in one.outputs])
    groups: dict[tuple[str, str], list[LineOutput]] = {}
    for output in outputs:
        family = families[_products(output.line)[0]]
        groups.setdefault((family, output.tag.metric.unit), []).append(output)
    return [_total(unit, _final(group)) for (_, unit), group in groups.items()]


def specific_totals(figures: Sequence[SiteFigures], status: SiteStatus) -> list[SpecificFigure]:
    """Specific consumptions over the sites of one status: those of one slug and unit, sum over sum.

    A site whose parts are not all known is left out of both sums. The target is the mean of the sites' targets,
    weighted by product: what the sites together would use if each met its own.
    """
    groups: dict[tuple[str, str], list[SpecificFigure]] = {}
    for one in figures:
        if one.site.status is status:
            for figure in one.specific:
                groups.setdefault((figure.specific.slug, figure.specific.unit), []).append(figure)
    return [_specific_total(group) for group in groups.values()]


def _products(line: Line) -> tuple[str, ...]:
    """What a line makes; a line that does not say makes something of its own."""
    return tuple(line.ideal_rates) or (f"{line.site}/{line.slug}",)


def _families(lines: Sequence[Line]) -> dict[str, str]:
    """A family for each product: products that some line makes both of belong together."""
    family: dict[str, str] = {}
    for line in lines:
        products = _products(line)
        joined = {family.get(product, product) for product in products}
        first = min(joined)
        family |= {product: first for product, its in family.items() if its in joined}
        family |= dict.fromkeys(products, first)
    return family


def _final(group: Sequence[LineOutput]) -> list[LineOutput]:
    """The outputs of lines that feed no other line of the group; all of them if they feed in a circle."""
    places = {(output.line.site, output.line.slug) for output in group}

    def feeds_on(line: Line) -> bool:
        targets = {ref.split("/")[0] for unit in line.units for ref in unit.feeds} - {line.slug}
        return any((line.site, target) in places for target in targets)

    return [output for output in group if not feeds_on(output.line)] or list(group)


def _line_output(line: Line, tag: Tag, site: Site, window: Window, grown: Increase) -> LineOutput:
    target = line.shift_target
    plan = whole = None
    if target is not None:
        plan = planned(target.amount, site, line, window.start, window.until)
        whole = planned(target.amount, site, line, window.start, window.end)
    return LineOutput(line, tag, grown.amount, plan, whole, grown.coverage)


def _specific(one: SpecificConsumption, site: Site, grown: Mapping[int, Increase], tags: TagTable) -> SpecificFigure:
    above = [grown.get(tag_of(site, ref, tags).index, UNKNOWN) for ref in one.numerators]
    below = [grown.get(tag_of(site, ref, tags).index, UNKNOWN) for ref in one.denominators]
    consumed, product = (_whole_sum([part.amount for part in parts]) for parts in (above, below))
    value = consumed / product if consumed is not None and product else None
    coverage = min((part.coverage for part in (*above, *below)), default=0.0)
    return SpecificFigure(one, value, consumed, product, coverage)


def _whole_sum(amounts: Sequence[float | None]) -> float | None:
    """Sum of all amounts; None if there are none or one is not known, since part of a sum is not the sum."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None


def _total(unit: str, outputs: Sequence[LineOutput]) -> Total:
    known = [output for output in outputs if output.made is not None]
    made = sum(output.made for output in known if output.made is not None) if known else None
    # A line that has output but no plan would flatter the sum: then there is no plan to compare with.
    plan, whole = _whole_sum([output.plan for output in known]), _whole_sum([output.plan_whole for output in known])
    coverage = min((output.coverage for output in known), default=0.0)
    lines = tuple(output.line for output in outputs)
    return Total(lines, unit, made, plan, whole, len(outputs) - len(known), coverage)


def _specific_total(group: Sequence[SpecificFigure]) -> SpecificFigure:
    known = [figure for figure in group if figure.consumed is not None and figure.product]
    consumed = sum(figure.consumed or 0.0 for figure in known)
    product = sum(figure.product or 0.0 for figure in known)
    with_target = [figure for figure in known if figure.specific.target is not None]
    target_use = sum((figure.specific.target or 0.0) * (figure.product or 0.0) for figure in with_target)
    target = target_use / product if product and len(with_target) == len(known) else None
    first = group[0].specific
    merged = SpecificConsumption(first.slug, first.name, first.consumes, first.unit, (), (), target)
    coverage = min((figure.coverage for figure in known), default=0.0)
    if not product:
        return SpecificFigure(merged, None, None, None, coverage)
    return SpecificFigure(merged, consumed / product, consumed, product, coverage)
