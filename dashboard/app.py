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
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import structlog
from prometheus_client import REGISTRY, CollectorRegistry
from starlette.types import ASGIApp

from dashboard import router
from dashboard.components.shell import shell
from dashboard.index import ShellDash
from dashboard.live.hub import Hub
from dashboard.live.reader import NamespaceReader
from dashboard.live.route import live_route
from dashboard.live.scopes import scopes
from dashboard.page import Page
from dashboard.pages import PAGES
from dashboard.services import Services
from dashboard.web.backend import Backend
from dashboard.web.cache import CompressAndCache
from dashboard.web.preferences import Preferences
from dashboard.web.routes import add_documents, add_index, add_probes, add_questions
from dashboard.web.security import SecurityHeaders, content_security_policy
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link

ASSETS: Final = Path(__file__).with_name("assets")

log = structlog.get_logger(__name__)


def create_app(
    services: Services,
    broker: BrokerAddress | None,
    *,
    pages: Sequence[Page] = PAGES,
    registry: CollectorRegistry = REGISTRY,
    documents: Mapping[str, Callable[[], Any]] = MappingProxyType({}),
    questions: Mapping[str, Callable[[Mapping[str, str]], bytes]] = MappingProxyType({}),
) -> ASGIApp:
    """The whole dashboard as one ASGI application; its lifespan connects to the broker and disconnects.

    One at a time in a process: Dash keeps the current app in a global.

    Args:
        services: What the pages read; `services.live` is filled from `broker`.
        broker: Where the unified namespace is; None connects nowhere, then who made `services` fills its live store.
        pages: Pages to serve.
        registry: Metrics that ``/metrics`` shows besides its own, such as those of a collector in the process.
        documents: Further JSON documents for engineers by path; called in a worker thread.
        questions: JSON by path, made from the query; called in a worker thread.
    """
    sites = tuple(site.slug for site in services.enterprise.sites)
    hub = Hub(services.live, scopes(services.enterprise), sites, services.clock, secrets.token_hex(4))
    app = _dash(services, pages)
    server = app.server
    server.router.lifespan_context = lambda _: _lifespan(app, services, broker, hub)
    server.add_api_websocket_route("/live", live_route(hub))
    add_probes(server, services, hub, registry)
    add_documents(server, documents)
    add_questions(server, questions)
    add_index(server, app, services, pages)
    policy: list[str] = []

    def csp() -> str:
        if not policy:  # Dash knows its inline scripts once it is set up, which the lifespan has done
            policy.append(content_security_policy(app.csp_hashes()))
        return policy[0]

    return SecurityHeaders(CompressAndCache(Preferences(server)), csp)


def _dash(services: Services, pages: Sequence[Page]) -> ShellDash:
    enterprise = services.enterprise
    app = ShellDash(
        __name__,
        enterprise=enterprise.name,
        backend=Backend,
        use_pages=False,
        assets_folder=str(ASSETS),
        include_pages_meta=False,
        suppress_callback_exceptions=True,  # pages come one at a time
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
async def _lifespan(app: ShellDash, services: Services, broker: BrokerAddress | None, hub: Hub) -> AsyncIterator[None]:
    app._setup_server()  # noqa: SLF001 - else Dash collects assets and callbacks at the first request only
    ticking = asyncio.create_task(hub.run())
    ticking.add_done_callback(_ended)
    try:
        if broker is None:
            yield
        else:
            async with _linked(services, broker, f"dashboard-{hub.epoch}"):
                yield
    finally:
        ticking.cancel()


@asynccontextmanager
async def _linked(services: Services, broker: BrokerAddress, client_id: str) -> AsyncIterator[None]:
    """Fill the live store from the broker meanwhile."""
    reader = NamespaceReader(services.enterprise.slug, services.live)
    link = Link(broker, client_id, reader, rng=random.Random())
    reader.attach(link.subscribe)
    running = asyncio.create_task(link.run())
    running.add_done_callback(_ended)
    try:
        yield
    finally:
        await link.close()
        running.cancel()


def _ended(task: asyncio.Task[None]) -> None:
    """A part of the live path that ends by an error is a bug; ``/healthz`` notices that it stands still."""
    if not task.cancelled() and task.exception() is not None:
        log.error("live path ended", exc_info=task.exception())
