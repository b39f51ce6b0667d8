"""The mark of a site on trial: its data are shown, its figures stay out of those of the group."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.texts import text
from plant.model.enterprise import Site, SiteStatus


def trial_mark(site: Site) -> list[Component]:
    """The mark, or nothing for a site in production."""
    if site.status is not SiteStatus.TRIAL:
        return []
    return [html.Span(text("shell.trial"), className="df-trial", title=text("trial.why"))]
