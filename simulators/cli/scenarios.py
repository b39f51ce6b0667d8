"""``scenarios``: what can be done to the plants, and what one should see then."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from simulators.cli import options, output
from simulators.scenarios import library
from simulators.scenarios.schema import Scenario, Step, Target

EXAMPLES = """
[bold]Examples[/bold]

python -m simulators scenarios

python -m simulators scenarios bearing_wear --lang ru
"""


class Lang(StrEnum):
    """Language of titles and descriptions."""

    RU = "ru"
    EN = "en"


def scenarios(
    name: Annotated[str | None, typer.Argument(help="One scenario in full; all of them if left out")] = None,
    lang: Annotated[Lang, typer.Option(help="Language of titles and descriptions")] = Lang.EN,
    *,
    as_json: options.Json = False,
) -> None:
    """List the scenarios with what you should see, or show one with its targets and steps; needs no broker."""
    chosen = [library.load(each) for each in ([name] if name else library.shipped())]
    if as_json:
        output.document([each.model_dump(mode="json", by_alias=True) for each in chosen])
    elif name:
        _details(chosen[0], lang)
    else:
        rows = [(each.scenario, _text(each.title, lang), _text(each.what_to_see, lang)) for each in chosen]
        output.console().print(output.table(("scenario", "title", "what you should see"), rows))


def _details(scenario: Scenario, lang: Lang) -> None:
    out = output.console()
    out.print(f"{scenario.scenario}: {_text(scenario.title, lang)}, {_span(scenario.length)}")
    out.print(_text(scenario.what_to_see, lang))
    if scenario.targets:
        out.print()
        rows = [(name, _meaning(target)) for name, target in scenario.targets.items()]
        out.print(output.table(("target", "units"), rows))
    if scenario.steps:
        out.print()
        steps = [(_span(s.at), _span(scenario.end(s) - s.at), s.effect, s.of, _level(s)) for s in scenario.steps]
        out.print(output.table(("at", "for", "effect", "on", "to"), steps, frozenset(("at", "for"))))


def _text(text: object, lang: Lang) -> str:
    return str(getattr(text, lang.value)).strip().replace("\n", " ")


def _span(length_ms: int) -> str:
    return str(timedelta(milliseconds=length_ms))


def _meaning(target: Target) -> str:
    """What fits, in the words of the file."""
    given = target.model_dump(mode="json", exclude_defaults=True)
    words = (f"{key} {', '.join(value) if isinstance(value, list) else value}" for key, value in given.items())
    return "; ".join(words) or "any unit"


def _level(step: Step) -> str:
    parts = [] if step.to is None else [f"{step.to:g}"]
    parts += [f"over {_span(step.ramp)}"] if step.ramp else []
    parts += [f"because {step.cause.name.lower()}"] if step.cause is not None else []
    return " ".join(parts)
