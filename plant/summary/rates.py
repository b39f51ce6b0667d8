"""What lost product and used energy are worth: an editable file of rates in roubles (docs/summary.md).

One file per model is shipped (``data/``); its figures are for demonstration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from plant.model.document import DocumentError, DocumentKind
from plant.model.enterprise import Enterprise
from plant.model.mistakes import Location, Mistakes, did_you_mean
from plant.model.schema import Number, Written

_DATA: Final = Path(__file__).with_name("data")
Price = Annotated[Number, Field(ge=0)]
"""Roubles, 0 or more."""
Content = Annotated[Number, Field(gt=0)]


class RatesSpec(Written):
    """The file of rates."""

    gas: Price | None = Field(None, description="roubles per m3 of gas")
    power: Price | None = Field(None, description="roubles per kWh of electric energy")
    margin: dict[str, Price] = Field(
        default_factory=dict, description="margin in roubles per unit of measure, for products without one of their own"
    )
    product_margin: dict[str, Price] = Field(
        default_factory=dict, description="margin of a product in roubles per its unit of measure"
    )
    pallet: dict[str, Content] = Field(
        default_factory=dict, description="what a full pallet of a product holds, in its unit of measure"
    )


@dataclass(frozen=True, slots=True)
class Rates:
    """What is worth how much; what is not there is not known.

    Attributes:
        gas_rub_per_m3: Roubles per m3.
        power_rub_per_kwh: Roubles per kWh.
        margin_rub: Roubles per unit of measure of each product, by slug.
        pallet: What a full pallet holds, in the unit of measure of each product, by slug.
    """

    gas_rub_per_m3: float | None = None
    power_rub_per_kwh: float | None = None
    margin_rub: Mapping[str, float] = field(default_factory=dict)
    pallet: Mapping[str, float] = field(default_factory=dict)

    def energy_rub(self, gas_m3: float, energy_kwh: float) -> float | None:
        """Roubles for gas and electric energy; None if a price is missing that is needed."""
        parts = ((gas_m3, self.gas_rub_per_m3), (energy_kwh, self.power_rub_per_kwh))
        if any(amount and price is None for amount, price in parts):
            return None
        return sum(amount * (price or 0.0) for amount, price in parts)


class RatesError(DocumentError):
    """A file of rates that cannot be used."""


_KIND: Final = DocumentKind(RatesSpec, "docs/summary.md", RatesError)


def rates_of(model: str, file: str, enterprise: Enterprise) -> Rates:
    """The rates of the file that was named, or of the one shipped for the model; none at all if there is neither.

    Args:
        model: Name or path of the enterprise model.
        file: Path, empty for the shipped one.
        enterprise: The model.

    Raises:
        RatesError: The file cannot be read or does not fit the model; names every mistake with its line.
    """
    named = Path(file) if file else rates_file(model)
    return Rates() if named is None else load_rates(named, enterprise)


def rates_file(model: str) -> Path | None:
    """The file shipped for a model of that name or path; None if there is none."""
    shipped = _DATA / f"{Path(model).stem}.yaml"
    return shipped if shipped.is_file() else None


def load_rates(file: Path, enterprise: Enterprise) -> Rates:
    """The rates of a YAML file.

    Raises:
        RatesError: It cannot be read or does not fit the model; names every mistake with its line.
    """
    return _KIND.load(file, lambda spec, mistakes: _rates(spec, enterprise, mistakes))


def _rates(spec: RatesSpec, enterprise: Enterprise, mistakes: Mistakes) -> Rates:
    products = enterprise.products
    _check(("margin",), spec.margin, {each.unit for each in products.values()}, "product is counted in", mistakes)
    _check(("product_margin",), spec.product_margin, products, "product is called", mistakes)
    _check(("pallet",), spec.pallet, products, "product is called", mistakes)
    by_unit = {slug: spec.margin[each.unit] for slug, each in products.items() if each.unit in spec.margin}
    return Rates(spec.gas, spec.power, by_unit | spec.product_margin, spec.pallet)


def _check(where: Location, given: Iterable[str], known: Iterable[str], what: str, mistakes: Mistakes) -> None:
    known = sorted(known)
    for key in given:
        if key not in known:
            mistakes.add((*where, key), f"no {what} '{key}'", did_you_mean(key, known))
