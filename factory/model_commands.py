"""`factory model check | tree | diff`: look at an enterprise model before anything runs with it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from plant import settings as knobs
from plant.errors import FactoryError
from plant.model.diff import Difference, Fate, differences
from plant.model.enterprise import Enterprise, Language, Line, Site, SiteStatus, Unit
from plant.model.load import load
from plant.model.mistakes import InvalidModelError, did_you_mean
from plant.model.tags import TagTable

app = typer.Typer(help="Check, show and compare enterprise models.", no_args_is_help=True)

_PIPE_WIDTH = 250
"""Characters; wider than any line of the tree."""
_MODEL = "Shipped name (gypsum, print-farm) or path of a YAML file"


class _Lang(StrEnum):
    """Language of the names."""

    RU = "ru"
    EN = "en"


@app.command()
def check(file: Annotated[str, typer.Argument(help=_MODEL)]) -> None:
    """Check a model: what it holds, or every mistake with its file and line (exit code 1)."""
    try:
        enterprise = load(file)
    except InvalidModelError as error:
        _console(stderr=True).print(*_mistakes(error), sep="\n", markup=False)
        raise typer.Exit(1) from None
    _console().print(_counts(enterprise))


@app.command()
def tree(
    site: Annotated[str | None, typer.Argument(help="Slug of one site; all sites if left out")] = None,
    model: Annotated[str | None, typer.Option(help=_MODEL)] = None,
    lang: Annotated[_Lang, typer.Option(help="Language of the names")] = _Lang.RU,
) -> None:
    """Show sites, areas, lines and units with the number of live tags."""
    enterprise = load(model or knobs.read().model)
    known = [each.slug for each in enterprise.sites]
    if site is not None and site not in known:
        raise FactoryError(f"there is no site '{site}' in model '{enterprise.slug}'; {did_you_mean(site, known)}")
    _console().print(_tree(enterprise, site, lang.value))


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help=_MODEL)],
    new: Annotated[str, typer.Argument(help="Model that is to take its place")],
) -> None:
    """Compare two models: exit code 1 if the history of a tag would be lost."""
    found = differences(load(old), load(new))
    console = _console()
    if not found:
        console.print("no difference")
    elif console.is_terminal:
        console.print(_differences(found))
    else:
        typer.echo("\n".join(f"{each.fate}\t{each.path}\t{each.detail}" for each in found))
    if any(each.fate is Fate.LOST for each in found):
        raise typer.Exit(1)


def _console(*, stderr: bool = False) -> Console:
    """Long lines stay lines, also in a pipe, so that they can be searched."""
    console = Console(stderr=stderr, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def _mistakes(error: InvalidModelError) -> list[str]:
    """Each mistake in the form that editors jump to."""
    lines = [f"{error.file}:{each.line}: {each.problem}; {each.mend}" for each in error.mistakes]
    return [*lines, f"{len(lines)} mistake{'s' if len(lines) > 1 else ''}"]


def _counts(enterprise: Enterprise) -> Table:
    """Areas, lines, units, gateways and live tags of each site, and their sums."""
    table = Table(
        title=escape(f"{enterprise.slug}: {enterprise.name.ru} / {enterprise.name.en}"), box=None, pad_edge=False
    )
    table.add_column("site")
    table.add_column("status")
    for column in ("areas", "lines", "units", "gateways", "tags"):
        table.add_column(column, justify="right")
    tags = TagTable(enterprise)
    rows = [_site_counts(site, tags) for site in enterprise.sites]
    for site, row in zip(enterprise.sites, rows, strict=True):
        table.add_row(site.slug, site.status.value, *map(str, row))
    table.add_row("total", "", *(str(sum(column)) for column in zip(*rows, strict=True)))
    return table


def _site_counts(site: Site, tags: TagTable) -> tuple[int, int, int, int, int]:
    return (
        len(site.areas),
        len(list(site.lines)),
        sum(unit.retired is None for unit in site.units),
        len(site.gateways),
        sum(_live_tags(unit, tags) for unit in site.units),
    )


def _live_tags(unit: Unit, tags: TagTable) -> int:
    return sum(tag.is_live for tag in tags.of_unit(unit).values())


def _tree(enterprise: Enterprise, only: str | None, language: Language) -> Tree:
    """The hierarchy of ISA-95 with live tag counts."""
    tags = TagTable(enterprise)
    root = Tree(f"[bold]{escape(enterprise.name[language])}[/bold] [dim]{enterprise.slug}[/dim]")
    for site in enterprise.sites:
        if only not in {None, site.slug}:
            continue
        mark = " [yellow]trial[/yellow]" if site.status is SiteStatus.TRIAL else ""
        here = root.add(_label(site.name[language], site.slug, list(site.units), tags) + mark)
        for area in site.areas:
            units = [unit for line in area.lines for unit in line.units]
            shop = here.add(_label(area.name[language], area.slug, units, tags))
            for line in area.lines:
                _add_line(shop, line, tags, language)
    return root


def _add_line(shop: Tree, line: Line, tags: TagTable, language: Language) -> None:
    target = line.shift_target
    plan = f", {target.amount:g} {target.unit} a shift" if target is not None else ""
    branch = shop.add(_label(line.name[language], line.slug, list(line.units), tags) + plan)
    for unit in line.units:
        marks = [word for word, slug in (("constraint", line.constraint), ("output", line.output)) if slug == unit.slug]
        marks += [f"retired {unit.retired}"] if unit.retired is not None else []
        feeds = f" -> {', '.join(unit.feeds)}" if unit.feeds else ""
        suffix = f" [cyan]{', '.join(marks)}[/cyan]" if marks else ""
        branch.add(_label(unit.name[language], f"{unit.slug}: {unit.type}", [unit], tags) + suffix + feeds)


def _label(name: str, slug: str, units: list[Unit], tags: TagTable) -> str:
    return f"{escape(name)} [dim]{slug}[/dim] {sum(_live_tags(unit, tags) for unit in units)}"


def _differences(found: list[Difference]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("what", "tag or line", "how"):
        table.add_column(column)
    for each in found:
        style = "bold red" if each.fate is Fate.LOST else ""
        table.add_row(each.fate.value, each.path, escape(each.detail), style=style)
    return table
