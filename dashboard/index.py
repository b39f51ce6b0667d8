"""The first document of a tab: right in language and scheme before any script has run."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import orjson
from dash import Dash

from dashboard import language, theme
from dashboard.states import KINDS
from dashboard.texts import starting_with, text
from plant.model.enterprise import Text

PLOTLY: Final = "/_dash-component-suites/plotly/package_data/plotly.min.js"
"""Where dash-renderer fetches Plotly from when the first graph comes."""

DOCUMENT: Final = """<!DOCTYPE html>
<html lang="{language}" data-scheme="{scheme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="{scheme}">
<meta name="theme-color" content="{ground}">
<title>{title}</title>
<link rel="icon" type="image/svg+xml" href="{favicon}">
<style>{tokens}</style>
{css}
<script id="df-settings" type="application/json">{settings}</script>
</head>
<body>
<div id="react-entry-point"><div class="df-boot"><p>{title}</p><p>{waiting}</p></div></div>
<noscript>{noscript}</noscript>
<footer>{config}{scripts}{renderer}</footer>
</body>
</html>
"""


class ShellDash(Dash):  # type: ignore[misc]  # dash has no types
    """Dash with our own index document.

    Args:
        name: Package whose app it is.
        enterprise: Name of the enterprise, the title of the document until a page has one.
        options: As of `dash.Dash`.
    """

    def __init__(self, name: str, enterprise: Text, **options: Any) -> None:
        self._enterprise = enterprise
        super().__init__(name, **options)

    def interpolate_index(self, **parts: str) -> str:
        """The document, in the language and scheme of the request."""
        scheme = theme.current()
        return DOCUMENT.format(
            language=language.current(),
            scheme=scheme,
            ground=theme.TOKENS[scheme].surface,
            title=escape(self._enterprise[language.current()]),
            favicon=self.get_asset_url("icons/favicon.svg"),
            tokens=theme.stylesheet(scheme),
            css=parts["css"],
            settings=_settings(),
            waiting=escape(text("shell.loading")),
            noscript=escape(text("shell.noscript")),
            config=parts["config"],
            scripts=parts["scripts"],
            renderer=parts["renderer"],
        )


def _settings() -> str:
    """What the scripts in assets/ need to know, as JSON that cannot end its element."""
    spoken = language.current()
    body = {
        "language": spoken,
        "live": "/live",
        "plotly": PLOTLY,
        "kinds": {state.name: kind for state, kind in KINDS.items()},
        "texts": starting_with("live.", spoken) | starting_with("state.", spoken) | starting_with("mode.", spoken)
        | starting_with("time.", spoken),
    }  # fmt: skip
    return orjson.dumps(body).decode().replace("</", "<\\/")
