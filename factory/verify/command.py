"""`factory verify`: prove the figures with simulated plants whose truth is known."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from factory.screen import console
from factory.verify.apart import verified
from factory.verify.pipeline import Run
from factory.verify.progress import Bars
from factory.verify.report import as_json, show, show_all
from factory.verify.verify import BEGIN_H, SEED, START_MS, Verdict, usual_hours, usual_place, usual_sites
from plant import settings as knobs
from plant.errors import ConfigurationError
from plant.model.load import load
from plant.service import configure_logging
from simulators.scenarios import library

EXAMPLES = """
[bold]Examples[/bold]

factory verify

factory verify --scenario comms_loss --json

factory verify --scenario all --jobs 2

factory verify --scenario normal_day --hours 24 --all-sites --everything
"""
ALL = "all"


def main(
    scenario: Annotated[list[str] | None, typer.Option(help="Which; several times, or 'all'")] = None,
    hours: Annotated[float | None, typer.Option(help="World time; as long as the scenario takes if not given")] = None,
    model: Annotated[str | None, typer.Option(help="Shipped enterprise model or path of a YAML file")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the simulated world")] = SEED,
    jobs: Annotated[int | None, typer.Option(min=1, help="Scenarios at a time; one for each core if not given")] = None,
    *,
    all_sites: Annotated[bool, typer.Option("--all-sites", help="All sites instead of two")] = False,
    everything: Annotated[bool, typer.Option("--everything", help="Every figure of every line")] = False,
    as_text: Annotated[bool, typer.Option("--json", help="For machines")] = False,
) -> None:
    """Run simulated plants at speed through broker, collector and historian, and compare every figure with the truth.

    Exit code 1 when a figure is outside its limit.
    """
    named = model or knobs.read().model
    runs = _runs(named, _chosen(scenario or ["normal_day"]), hours, seed, all_sites=all_sites)
    configure_logging("error", "text")
    screen = console()

    def tell(verdict: Verdict) -> None:
        if not as_text:
            show(verdict, screen, everything=everything)

    verdicts = _verified(runs, jobs or os.cpu_count() or 1, tell)
    if as_text:
        sys.stdout.write(json.dumps(as_json(verdicts), indent=2) + "\n")
    elif len(verdicts) > 1:
        show_all(verdicts, screen)
    if not all(verdict.ok for verdict in verdicts):
        raise typer.Exit(1)


def _runs(model: str, names: Sequence[str], hours: float | None, seed: int, *, all_sites: bool) -> list[Run]:
    enterprise = load(model)
    every = tuple(site.slug for site in enterprise.sites)
    runs = []
    for name in names:
        sites = every if all_sites else usual_sites(enterprise, name)
        place = usual_place(enterprise, name, sites)
        scenario = f"{name}@+{BEGIN_H}h" + (f"@{place}" if place else "")
        runs.append(Run(model, sites, scenario, START_MS, hours or usual_hours(name), seed))
    return runs


def _chosen(names: list[str]) -> list[str]:
    known = library.shipped()
    wanted = known if ALL in names else names
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise ConfigurationError(f"there is no scenario '{unknown[0]}'; choose from {ALL}, {', '.join(known)}")
    return wanted


def _verified(runs: Sequence[Run], jobs: int, tell: Callable[[Verdict], None]) -> list[Verdict]:
    """In the order of `runs`; each is told as it comes."""
    found: dict[str, Verdict] = {}
    with Bars(runs, console(stderr=True)) as bars:
        for verdict in verified(runs, jobs, bars.advance):
            found[verdict.scenario] = verdict
            bars.finish(verdict.scenario)
            tell(verdict)
    return [found[run.name] for run in runs]
