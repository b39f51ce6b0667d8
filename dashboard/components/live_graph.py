"""A Plotly graph that goes on by itself while it shows now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme


def live_graph(
    graph_id: str,
    figure: Any,
    traces: Mapping[str, int | Sequence[int]],
    offset_ms: int,
    refresh_id: str = "",
    class_name: str = "df-graph",
) -> Component:
    """A graph in our style and language; assets/live-graph.js appends points newer than the last one, once a second.

    Args:
        graph_id: Id of the ``dcc.Graph``.
        figure: Its x are UTC ms plus `offset_ms`: Plotly knows no zones, so the caller moves the clock.
        traces: Index (or indices, such as of an envelope) of the traces that each tag path goes on in.
        offset_ms: What was added to the times; use the zone's offset at the end of the window.
        refresh_id: Id of a button that asks for the data anew; clicked after a gap that the live path cannot fill.
        class_name: Style of the wrapper.
    """
    plan = {path: [index] if isinstance(index, int) else list(index) for path, index in traces.items()}
    return html.Div(
        dcc.Graph(id=graph_id, figure=figure, config=theme.graph_config(), responsive=True),
        className=class_name,
        **{
            "data-live-graph": orjson.dumps(plan).decode(),
            "data-offset": offset_ms,
            "data-refresh": refresh_id,
        },
    )
