"""``sites``: what can be simulated."""

from __future__ import annotations

from plant import settings as knobs
from plant.model.load import load
from simulators.cli import options, output
from simulators.fleet.config import chosen_sites, slugs
from simulators.fleet.layout import live_metrics

COLUMNS = ("site", "name", "edge nodes", "units", "metrics")


def sites(model: options.Model = None, *, as_json: options.Json = False) -> None:
    """Show the sites of the model with their edge nodes, units and metrics; needs no broker."""
    show(knobs.read(model=model), as_json=as_json)


def show(settings: knobs.Settings, *, as_json: bool = False) -> None:
    """The sites that the settings choose.

    Raises:
        ConfigurationError: The model or a site is wrong.
    """
    rows = []
    for site in chosen_sites(load(settings.model), slugs(settings.sites)):
        units = [unit for unit in site.units if unit.retired is None]
        metrics = sum(len(live_metrics(unit)) for unit in units)
        rows.append((site.slug, site.name.en, len(site.gateways), len(units), metrics))
    if as_json:
        output.document([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    else:
        texts = [[str(cell) for cell in row] for row in rows]
        output.console().print(output.table(COLUMNS, texts, frozenset(COLUMNS[2:])))
