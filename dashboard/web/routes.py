"""Routes that are not Dash's: health, metrics, and the index document for the addresses that exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from dash import Dash
from dash.backends._fastapi import reset_current_request, set_current_request
from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from dashboard.health import summary
from dashboard.live.hub import Hub
from dashboard.metrics import registry_of
from dashboard.page import Page, find
from dashboard.services import Services
from plant.errors import FactoryError


def add_probes(server: FastAPI, services: Services, hub: Hub, registry: CollectorRegistry) -> None:
    """``/healthz`` (200 while the namespace is read, else 503; ``?detail=1`` tells all) and ``/metrics``."""

    async def healthz(detail: str = "") -> Response:
        health = summary(
            services.enterprise, services.live, services.clock(), tabs=len(hub.tabs), ticking=hub.is_ticking
        )
        body = asdict(health) if detail == "1" else {"ok": health.dashboard_ok}
        return Response(orjson.dumps(body), 200 if health.dashboard_ok else 503, media_type="application/json")

    own = registry_of(services.live, hub)

    async def metrics() -> Response:
        body = generate_latest(own) + generate_latest(registry)
        return Response(body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    server.add_api_route("/healthz", healthz, methods=["GET", "HEAD"])
    server.add_api_route("/metrics", metrics, methods=["GET"])


def add_documents(server: FastAPI, documents: Mapping[str, Callable[[], Any]]) -> None:
    """Further JSON documents by path, such as the quarantine of a collector in the same process."""

    def route(make: Callable[[], Any]) -> Callable[[], Response]:
        return lambda: Response(orjson.dumps(make()), media_type="application/json")

    for path, make in documents.items():
        server.add_api_route(path, route(make), methods=["GET"])


def add_questions(server: FastAPI, questions: Mapping[str, Callable[[Mapping[str, str]], bytes]]) -> None:
    """JSON by path and query, such as the summary of a date; 409 with the sentence where there is no answer."""

    def route(answer: Callable[[Mapping[str, str]], bytes]) -> Callable[[Request], Response]:
        def found(request: Request) -> Response:
            try:
                return Response(answer(request.query_params), media_type="application/json")
            except FactoryError as error:
                return Response(orjson.dumps({"error": str(error)}), 409, media_type="application/json")

        return found

    for path, answer in questions.items():
        server.add_api_route(path, route(answer), methods=["GET"])


def add_index(server: FastAPI, app: Dash, services: Services, pages: Sequence[Page]) -> None:
    """The index document for every address: 200 where there is a page, else 404, and the shell says so.

    Comes last: Dash's own route for everything, which it adds at start, answers 200 for any address.
    """

    async def index(request: Request) -> Response:
        token = set_current_request(request)
        try:
            document = app.index()
        finally:
            reset_current_request(token)
        status = 200 if find(pages, services, request.url.path) else 404
        return Response(document, status, {"Cache-Control": "no-cache"}, media_type="text/html")

    server.add_api_route("/{path:path}", index, methods=["GET", "HEAD"], include_in_schema=False)
