"""Load an enterprise: `load("gypsum")`, `load("print-farm")` or `load("my/plant.yaml")`.

::

    file ── source ──▶ data + lines ── schema ──▶ specs ── templates, lines, sites ──▶ Enterprise
              │                          │                          │
              └────────────── mistakes: file, line, what is wrong, what would be right
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from plant.errors import ModelError
from plant.model import calendars, hosts, sites
from plant.model.enterprise import Enterprise, Product
from plant.model.lines import Catalogue
from plant.model.metric import text
from plant.model.mistakes import Mistakes, did_you_mean
from plant.model.schema import EnterpriseSpec
from plant.model.source import read
from plant.model.wording import note_findings

_DATA: Final = Path(__file__).with_name("data")


def shipped() -> list[str]:
    """Names of the models that come with the package."""
    return sorted(file.stem for file in _DATA.glob("*.yaml"))


def load(name_or_path: str | Path) -> Enterprise:
    """The enterprise of that shipped name or YAML file.

    Raises:
        InvalidModelError: The file holds mistakes; `plant.model.mistakes.InvalidModelError.mistakes` has all of them.
        ModelError: There is no such model, or the file cannot be read.
    """
    return _parse(_file(name_or_path))


def _file(name_or_path: str | Path) -> Path:
    name = str(name_or_path)
    if name in shipped():
        return _DATA / f"{name}.yaml"
    path = Path(name_or_path)
    if not path.suffix and "/" not in name and not path.is_file():
        raise ModelError(path, 0, f"there is no model '{name}'", f"{did_you_mean(name, shipped())} (or give a file)")
    return path


def _parse(file: Path) -> Enterprise:
    source = read(file)
    mistakes = Mistakes(file, source.lines)
    try:
        spec = EnterpriseSpec.model_validate(source.data)
    except ValidationError as error:
        note_findings(error, mistakes)
    mistakes.raise_if_any()
    catalogue = Catalogue.of(spec, mistakes)
    enterprise = _enterprise(catalogue, mistakes)
    mistakes.raise_if_any()
    return enterprise


def _enterprise(catalogue: Catalogue, mistakes: Mistakes) -> Enterprise:
    spec = catalogue.spec
    for slug, calendar in spec.calendars.items():
        calendars.check(slug, calendar, mistakes)
    hosts.check(spec, mistakes)
    return Enterprise(
        slug=spec.enterprise,
        name=text(spec.name),
        sites=tuple(sites.build(catalogue, slug, mistakes) for slug in spec.sites),
        unit_types={slug: each.type for slug, each in catalogue.templates.items() if not each.abstract},
        products=_products(catalogue, mistakes),
        measures=catalogue.measures,
        note=text(spec.note) if spec.note is not None else None,
    )


def _products(catalogue: Catalogue, mistakes: Mistakes) -> Mapping[str, Product]:
    products = {}
    for slug, spec in catalogue.spec.products.items():
        if spec.unit not in catalogue.measures:
            where = ("products", slug, "unit")
            mistakes.add(where, f"unknown unit of measure '{spec.unit}'", did_you_mean(spec.unit, catalogue.measures))
        products[slug] = Product(slug, text(spec.name), spec.unit, spec.scrap_target)
    return products
