"""Language and scheme of each request, from cookies; ``?lang=en`` in a link sets the cookie and goes on without it."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import language, theme

LANGUAGE_COOKIE: Final = "df_language"
SCHEME_COOKIE: Final = "df_scheme"
YEAR_S: Final = 365 * 24 * 3600


class Preferences:
    """ASGI middleware: outside of Dash, so that layouts and callbacks find the context variables set."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the language and scheme of the request's cookies."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["method"] == "GET" and "lang" in asked:
            await _redirect(scope["path"], asked)(scope, receive, send)
            return
        cookies = _cookies(Headers(scope=scope).get("cookie", ""))
        spoken = language.parse(cookies.get(LANGUAGE_COOKIE)) or language.DEFAULT
        scheme = theme.parse(cookies.get(SCHEME_COOKIE)) or theme.DEFAULT
        with language.use(spoken), theme.use(scheme):
            await self._app(scope, receive, _varying(send))


def _redirect(path: str, asked: dict[str, list[str]]) -> RedirectResponse:
    rest = {key: values for key, values in asked.items() if key != "lang"}
    # A path of two slashes would name another host.
    address = "/" + path.lstrip("/") + (f"?{urlencode(rest, doseq=True)}" if rest else "")
    response = RedirectResponse(address, 303)
    spoken = language.parse(asked["lang"][-1])
    if spoken:
        response.set_cookie(LANGUAGE_COOKIE, spoken, max_age=YEAR_S, samesite="lax")
    return response


def _varying(send: Send) -> Send:
    """HTML and layouts differ by cookie: no cache in between may mix them up."""

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Cookie")
        await send(message)

    return wrapped


def _cookies(header: str) -> dict[str, str]:
    try:
        return {key: morsel.value for key, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
