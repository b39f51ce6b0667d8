"""Puts the dashboard together: Dash for pages and callbacks, our own websocket for what is live.

::

    request ── SecurityHeaders ── CompressAndCache ── Preferences ── FastAPI ─┬─ /            index document
                                                    (language, scheme)       ├─ /_dash-*     layout, callbacks
                                                                             ├─ /live        websocket
                                                                             └─ /healthz, /metrics
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import structlog
from dash import Dash
from fastapi import FastAPI
from prometheus_client import REGISTRY, CollectorRegistry
from starlette.types import ASGIApp

from dashboard import language, router
from dashboard.components.shell import shell
from dashboard.index import ShellDash
from dashboard.live.feed import Feed
from dashboard.live.hub import Hub
from dashboard.live.route import live_route
from dashboard.live.scopes import scopes
from dashboard.page import Page
from dashboard.pages import PAGES
from dashboard.services import Services
from dashboard.web.cache import CompressAndCache
from dashboard.web.preferences import Preferences
from dashboard.web.routes import add_index, add_probes
from dashboard.web.security import SecurityHeaders, content_security_policy
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link

ASSETS: Final = Path(__file__).with_name("assets")

log = structlog.get_logger(__name__)


def create_app(
    services: Services,
    broker: BrokerAddress,
    *,
    pages: Sequence[Page] = PAGES,
    registry: CollectorRegistry = REGISTRY,
    prefix: str = "/",
) -> ASGIApp:
    """The whole dashboard as one ASGI application; its lifespan connects to the broker and disconnects.

    One at a time in a process: Dash keeps the current app in a global.

    Args:
        services: What the pages read; `services.live` is filled from `broker`.
        broker: Where the unified namespace is.
        pages: Pages to serve.
        registry: Metrics that ``/metrics`` shows; a process that holds a collector too passes the collector's.
        prefix: Path under which a proxy serves us, such as ``/factory/``; it must pass ``Host`` on.
    """
    sites = tuple(site.slug for site in services.enterprise.sites)
    hub = Hub(services.live, scopes(services.enterprise), sites, services.clock, secrets.token_hex(4))
    app = _dash(services, pages, prefix)
    server = app.server
    server.router.lifespan_context = lambda _: _lifespan(app, services, broker, hub)
    server.add_api_websocket_route("/live", live_route(hub))
    add_probes(server, services, hub, registry)
    add_index(server, app, services, pages)
    policy: list[str] = []

    def csp() -> str:
        if not policy:  # Dash knows its inline scripts once it is set up, which the lifespan has done
            policy.append(content_security_policy(app.csp_hashes()))
        return policy[0]

    return SecurityHeaders(CompressAndCache(Preferences(server)), csp)


def _dash(services: Services, pages: Sequence[Page], prefix: str) -> Dash:
    enterprise = services.enterprise
    app = ShellDash(
        __name__,
        server=FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
        backend="fastapi",
        use_pages=False,
        assets_folder=str(ASSETS),
        include_pages_meta=False,
        requests_pathname_prefix=prefix,
        suppress_callback_exceptions=True,  # pages come one at a time
        title=enterprise.name[language.DEFAULT],
        update_title="",
        on_error=_tell,
    )
    app.layout = lambda: shell(enterprise, pages)
    router.register(app, services, pages)
    for page in pages:
        page.register(app, services)
    return app


def _tell(error: Exception) -> None:
    """A callback that fails is a bug: it is told in the log and fails the request."""
    log.error("callback failed", exc_info=error)
    raise error


@asynccontextmanager
async def _lifespan(app: Dash, services: Services, broker: BrokerAddress, hub: Hub) -> AsyncIterator[None]:
    app._setup_server()  # noqa: SLF001 - else Dash collects assets and callbacks at the first request only
    feed = Feed(services.enterprise.slug, services.live)
    link = Link(broker, f"dashboard-{hub.epoch}", feed, rng=random.Random())
    feed.attach(link.subscribe)
    tasks = [asyncio.create_task(link.run()), asyncio.create_task(hub.run())]
    try:
        yield
    finally:
        await link.close()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
