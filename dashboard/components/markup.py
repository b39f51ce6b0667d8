"""Large static blocks as HTML, past React.

Every Dash component is a React component with a subscription of its own: a site's page with 3 000 of them took the
browser half a minute, the same elements as HTML a few ms. So blocks without callbacks inside are written as HTML here,
travel as one attribute, and assets/markup.js puts them into the document. Live components work inside, since the live
scripts write the DOM directly; links do too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any, Final

from dash import html
from dash.development.base_component import Component

NAMES: Final = {"className": "class", "tabIndex": "tabindex", "htmlFor": "for", "colSpan": "colspan"}
"""Attributes that React calls differently."""
OWN: Final = frozenset({"children", "n_clicks", "n_clicks_timestamp", "disable_n_clicks"})
"""Properties of a component that are no attributes of its element."""
NAMESPACE: Final = "dash_html_components"


def markup(written: str, **properties: Any) -> Component:
    """A block that is filled with HTML.

    Args:
        written: By `made` or `to_html`.
        properties: Of the block itself, such as ``id`` and ``className``.
    """
    return html.Div(**properties, **{"data-html": written})


async def made(build: Callable[[], Any]) -> str:
    """The HTML of what `build` returns, made in a thread: thousands of elements would hold up the live path."""
    return await asyncio.to_thread(lambda: to_html(build()))


def to_html(node: Any) -> str:
    """The HTML of components of `dash.html`, every text and attribute escaped.

    Raises:
        TypeError: Something else is among them: it would need React.
    """
    if node is None:
        return ""
    if isinstance(node, str | int | float):
        return escape(str(node), quote=False)
    if isinstance(node, Component):
        return _element(node)
    if isinstance(node, Iterable):
        return "".join(to_html(child) for child in node)
    raise TypeError(f"{node!r} is neither a component nor a text")


def _element(node: Component) -> str:
    if node._namespace != NAMESPACE:  # noqa: SLF001 - to_plotly_json tells it too, at ten times the cost
        raise TypeError(f"{type(node).__name__} needs React; leave it out of the block")
    tag = type(node).__name__.lower()
    inside = to_html(getattr(node, "children", None))
    return f"<{tag}{_attributes(vars(node))}>{inside}</{tag}>"


def _attributes(given: Mapping[str, Any]) -> str:
    written = []
    for name, value in sorted(given.items()):  # Dash keeps them in no order
        if value is None or value is False or name in OWN or name.startswith(("_", "available_")):
            continue
        if name == "style":
            value = ";".join(f"{_kebab(key)}:{part}" for key, part in value.items())  # noqa: PLW2901 - the text of it
        text = "" if value is True else f'="{escape(str(value))}"'
        written.append(f" {NAMES.get(name, name)}{text}")
    return "".join(written)


def _kebab(name: str) -> str:
    """``maskImage`` as ``mask-image``; custom properties as they are."""
    if name.startswith("--"):
        return name
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
