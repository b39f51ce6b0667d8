"""Dash on FastAPI, without what we do not want of either."""

from __future__ import annotations

from typing import Any

from dash.backends._fastapi import FastAPIDashServer
from fastapi import FastAPI


class Backend(FastAPIDashServer):  # type: ignore[misc]  # dash has no types
    """Dash's FastAPI backend without its websocket and without FastAPI's documentation pages.

    Every tab would open Dash's own websocket, although no callback uses it; the documentation pages fetch their
    scripts from another host.
    """

    websocket_capability = False

    @staticmethod
    def create_app(name: str = "", config: dict[str, Any] | None = None) -> FastAPI:  # noqa: ARG004 - Dash's contract
        """The server that Dash adds its routes to."""
        return FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
