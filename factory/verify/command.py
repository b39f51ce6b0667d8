"""`factory verify`: prove the figures with simulated plants whose truth is known."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from factory.screen import console
from factory.verify.pipeline import Run
from factory.verify.report import as_json, show
from factory.verify.verify import BEGIN_H, SEED, START_MS, Verdict, usual_hours, usual_sites, verify
from plant import settings as knobs
from plant.errors import ConfigurationError
from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.service import configure_logging
from simulators.scenarios import library

EXAMPLES = """
[bold]Examples[/bold]

factory verify

factory verify --scenario comms_loss --json

factory verify --scenario normal_day --hours 24 --all-sites --everything
"""
ALL = "all"


def main(
    scenario: Annotated[list[str] | None, typer.Option(help="Which; several times, or 'all'")] = None,
    hours: Annotated[float | None, typer.Option(help="World time; as long as the scenario takes if not given")] = None,
    model: Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the simulated world")] = SEED,
    *,
    all_sites: Annotated[bool, typer.Option("--all-sites", help="All sites instead of two")] = False,
    everything: Annotated[bool, typer.Option("--everything", help="Every figure of every line")] = False,
    as_text: Annotated[bool, typer.Option("--json", help="For machines")] = False,
) -> None:
    """Run simulated plants at speed through broker, collector and historian, and compare every figure with the truth.

    Exit code 1 when a figure is outside its limit.
    """
    named = model or knobs.read().model
    enterprise, names = load(named), _chosen(scenario or ["normal_day"])
    configure_logging("error", "text")
    verdicts = []
    for name in names:
        sites = tuple(site.slug for site in enterprise.sites) if all_sites else usual_sites(enterprise, name)
        run = Run(named, sites, f"{name}@+{BEGIN_H}h", START_MS, hours or usual_hours(name), seed)
        verdicts.append(_verified(run, enterprise))
        if not as_text:
            show(verdicts[-1], console(), everything=everything)
    if as_text:
        sys.stdout.write(json.dumps(as_json(verdicts), indent=2) + "\n")
    if any(verdict.wrong for verdict in verdicts):
        raise typer.Exit(1)


def _chosen(names: list[str]) -> list[str]:
    known = library.shipped()
    wanted = known if ALL in names else names
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise ConfigurationError(f"there is no scenario '{unknown[0]}'; choose from {ALL}, {', '.join(known)}")
    return wanted


def _verified(run: Run, enterprise: Enterprise) -> Verdict:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with (
        tempfile.TemporaryDirectory(prefix="factory-verify-") as folder,
        Progress(*columns, console=console(stderr=True), transient=True) as bar,
    ):
        task = bar.add_task(f"{run.scenario.partition('@')[0]}, {run.hours:g} h of {', '.join(run.sites)}", total=1.0)
        return verify(run, enterprise, Path(folder), lambda share: bar.update(task, completed=share))
