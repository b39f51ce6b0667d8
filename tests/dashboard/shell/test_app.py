import asyncio
import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from asgi import Answer, request, running
from dash import Dash, Input, Output, html
from prometheus_client import CollectorRegistry, Counter
from screens import services
from starlette.types import ASGIApp

from dashboard import language, router, theme
from dashboard.app import create_app
from dashboard.page import Navigation, Page, View
from dashboard.services import Services
from dashboard.texts import text
from dashboard.web.warm import warm
from plant.errors import StoreUnavailableError

HTML = {"accept-encoding": "gzip, br", "accept": "text/html"}


def _page(path: str, layout: Callable[[View], Awaitable[Any]], register: Callable[[Dash], None] | None = None) -> Page:
    def wire(app: Dash, _: Services) -> None:
        if register is not None:
            register(app)

    navigation = Navigation("nav.overview", "overview")
    return SimpleNamespace(  # type: ignore[return-value]  # a module in real life
        PATH=path, NAVIGATION=navigation, title=lambda _: text("nav.overview"), layout=layout, register=wire
    )


async def _greet(view: View) -> Any:
    await asyncio.sleep(0.01)  # others come in between
    return html.P(f"{language.current()} {theme.current()} {view.path}")


async def _without_store(_: View) -> Any:
    raise StoreUnavailableError("the disk is on fire")


def _echo(app: Dash) -> None:
    @app.callback(Output("echo-out", "children"), Input("echo-in", "value"))
    async def echo(value: str) -> str:
        await asyncio.sleep(0.01)
        return f"{language.current()} {await asyncio.to_thread(language.current)} {value}"


PAGES = (_page("/", _greet, _echo), _page("/site/<site>", _greet), _page("/broken", _without_store))


def _with_app(talk: Callable[[ASGIApp], Awaitable[Any]], pages: tuple[Page, ...] = PAGES) -> Any:
    async def run() -> Any:
        async with running(create_app(services(), None, pages=pages, registry=CollectorRegistry())) as app:
            return await talk(app)

    return asyncio.run(run())


def _get(path: str, headers: dict[str, str] | None = None) -> Answer:
    answer: Answer = _with_app(lambda app: request(app, path, headers=headers))
    return answer


def _callback(output: str, inputs: list[tuple[str, str, Any]]) -> dict[str, Any]:
    """Body of a callback request as dash-renderer sends it."""
    target, _, name = output.rpartition(".")
    return {
        "output": output,
        "outputs": {"id": target, "property": name},
        "inputs": [{"id": one, "property": prop, "value": value} for one, prop, value in inputs],
        "changedPropIds": [f"{one}.{prop}" for one, prop, _ in inputs],
        "state": [],
    }


def _show(path: str, search: str = "") -> dict[str, Any]:
    inputs = [(router.LOCATION, "pathname", path), (router.LOCATION, "search", search)]
    return _callback(f"{router.CONTENT}.children", inputs)


def test_dash_still_has_what_we_call() -> None:
    """The private parts of this very Dash version that we use exist; a new version must be looked at."""
    from dash.backends import _fastapi  # noqa: PLC0415 - this is what is tested

    assert callable(Dash._setup_server)
    assert callable(_fastapi.set_current_request)
    assert callable(_fastapi.reset_current_request)
    assert _fastapi.FastAPIDashServer.websocket_capability is True


def test_callbacks_are_there_before_the_first_request() -> None:
    """The lifespan sets Dash up: the first request of a process finds all callbacks."""
    known = _with_app(lambda app: request(app, "/_dash-dependencies")).json()
    assert {entry["output"] for entry in known} == {f"{router.CONTENT}.children", "echo-out.children"}


def test_the_first_document_is_right_at_once() -> None:
    """Language, scheme and colours stand in the document itself, so nothing flashes."""
    answer = _get("/", {"cookie": "df_language=en; df_scheme=dark"})
    assert '<html lang="en" data-scheme="dark">' in answer.text
    assert f"--df-canvas:{theme.DARK.canvas}" in answer.text
    assert "<title>Tiny enterprise</title>" in answer.text
    assert 'lang="ru"' in _get("/").text


@pytest.mark.parametrize(
    "cookie", ["df_language=xx; df_scheme=neon", "df_language", "\x7f=;;=", "df_language=<script>"]
)
def test_a_spoilt_cookie_is_no_cookie(cookie: str) -> None:
    """Cookies that make no sense give the defaults."""
    assert '<html lang="ru" data-scheme="light">' in _get("/", {"cookie": cookie}).text


def test_every_inline_script_is_allowed_by_its_hash() -> None:
    """The policy allows each script in the document, names no other host and no unsafe script."""
    answer = _get("/", {"cookie": "df_language=en"})
    policy = answer.headers["content-security-policy"]
    inline = r"<script(?![^>]*application/json)(?![^>]*src=)[^>]*>(.*?)</script>"
    for script in re.findall(inline, answer.text, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256" in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_no_address_of_another_host_is_in_the_document() -> None:
    """Everything that the document fetches is on this server."""
    fetched = re.findall(r'(?:src|href)="([^"]+)"', _get("/").text)
    assert fetched
    assert all(address.startswith("/") and not address.startswith("//") for address in fetched)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/site/alpha", 200), ("/site/nowhere", 404), ("/nope", 404), ("/nope/x", 404), ("/docs", 404)],
)
def test_an_unknown_address_is_not_found(path: str, status: int) -> None:
    """Addresses without a page are 404, with the shell to say so; FastAPI's documentation pages are not there."""
    answer = _get(path)
    assert answer.status == status
    assert "<html" in answer.text


def test_an_asset_that_is_not_there_is_not_found() -> None:
    """A missing asset is a 404 and is not cached as one."""
    answer = _get("/assets/none.js")
    assert answer.status == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_a_language_in_a_link_becomes_a_cookie() -> None:
    """``?lang=en`` sets the cookie and goes on to the same address without it; another language is ignored."""
    answer = _get("/site/alpha?period=7d&lang=en")
    assert (answer.status, answer.headers["location"]) == (303, "/site/alpha?period=7d")
    assert "df_language=en" in answer.cookies[0]
    assert _get("/?lang=xx").cookies == ()


@pytest.mark.parametrize("path", ["//evil.example/?lang=en", "/\\evil.example/?lang=en"])
def test_the_language_redirect_stays_here(path: str) -> None:
    """A crafted path cannot turn the redirect to another host."""
    location = _get(path).headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_two_languages_at_the_same_time() -> None:
    """Page layouts and callbacks, also in their threads, speak the language of their own request."""

    async def talk(app: ASGIApp) -> list[Answer]:
        bodies = [_show("/"), _callback("echo-out.children", [("echo-in", "value", "x")])]
        return await asyncio.gather(
            *(
                request(app, "/_dash-update-component", "POST", {"cookie": f"df_language={spoken}"}, body)
                for _ in range(5)
                for body in bodies
                for spoken in ("ru", "en")
            )
        )

    answers = _with_app(talk)
    for answer, spoken in zip(answers, ["ru", "en"] * 10, strict=True):
        assert answer.status == 200, answer.text
        words = answer.text
        assert f"{spoken} light " in words or f"{spoken} {spoken} x" in words


def _shown(path: str) -> str:
    answer: Answer = _with_app(lambda app: request(app, "/_dash-update-component", "POST", json=_show(path)))
    assert answer.status == 200, answer.text
    return answer.text


def test_the_page_carries_its_title() -> None:
    """The browser's tab gets the title of the page from the page."""
    assert '"data-title":"Обзор"' in _shown("/")


def test_an_unknown_page_says_so() -> None:
    """Inside the shell an unknown address is a notice with a way on."""
    assert "Такой страницы нет" in _shown("/nope")


def test_a_lost_store_is_a_notice_and_no_crash() -> None:
    """A page whose historian is away says so with the reason."""
    shown = _shown("/broken")
    assert "Архив данных недоступен" in shown
    assert "the disk is on fire" in shown


def test_a_failing_callback_is_loud() -> None:
    """A bug in a page is a 500 and not an empty page."""

    async def bug(_: View) -> Any:
        raise ZeroDivisionError

    page = _page("/bug", bug)
    body = _show("/bug")
    answer = _with_app(lambda app: request(app, "/_dash-update-component", "POST", json=body), (page,))
    assert answer.status == 500


def test_health_is_bad_without_a_broker() -> None:
    """Short and detailed health answer 503 while the namespace is not read."""
    assert _get("/healthz").status == 503
    answer = _get("/healthz?detail=1")
    assert (answer.status, answer.json()["dashboard_ok"], answer.json()["sites"]) == (503, False, 2)


def test_metrics_are_those_of_the_given_registry() -> None:
    """``/metrics`` shows the dashboard's own figures and the given registry, in the text form of Prometheus."""
    registry = CollectorRegistry()
    Counter("df_test", "A counter", registry=registry).inc(3)

    async def run() -> Answer:
        async with running(create_app(services(), None, pages=PAGES, registry=registry)) as app:
            return await request(app, "/metrics")

    answer = asyncio.run(run())
    assert "df_test_total 3.0" in answer.text
    assert "dashboard_tabs 0.0" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


def test_the_shell_speaks_the_language_and_marks_the_trial() -> None:
    """The layout names the sites in the language of the request and marks the one on trial."""
    english = _get("/_dash-layout", {"cookie": "df_language=en"}).text
    assert "Alpha" in english
    assert "trial" in english
    russian = _get("/_dash-layout").text
    assert "Альфа" in russian
    assert "тест" in russian


def test_bundles_wait_in_the_cache_for_the_first_visitor() -> None:
    """Warming asks for everything that the document names; from then on each of it is answered from memory."""

    async def talk(app: ASGIApp) -> list[str]:
        await warm(app, asyncio.Event())
        addresses = re.findall(r'(?:src|href)="([^"]+)"', (await request(app, "/")).text)
        asked = [await request(app, address, headers={"accept-encoding": "br"}) for address in addresses]
        assert {answer.status for answer in asked} == {200}
        return [answer.headers.get("content-encoding", "") for answer in asked]

    assert "br" in _with_app(talk)
