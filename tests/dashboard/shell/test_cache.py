import asyncio
import os
from collections.abc import Mapping

import brotli
import pytest
from asgi import Answer, request
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboard.web.cache import ASK_AGAIN, FOREVER, CompressAndCache

TEXT = "сутки " * 2_000
BR = {"accept-encoding": "gzip, deflate, br;q=0.9"}


class Server:
    """A small application behind the middleware that counts how often it is really asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.app = CompressAndCache(Starlette(routes=[Route("/{path:path}", self._answer)]))

    def _answer(self, request: Request) -> Response:
        self.asked += 1
        name = request.path_params["path"]
        if name.endswith("missing.js"):
            return Response(status_code=404)
        if name.endswith(".png"):
            return Response(os.urandom(5_000), media_type="image/png")
        if name == "stream":
            return StreamingResponse(iter([TEXT.encode(), b"end"]), media_type="text/csv")
        if name == "small":
            return PlainTextResponse("ok")
        return PlainTextResponse(TEXT)

    def get(self, path: str, headers: Mapping[str, str] = BR) -> Answer:
        """One answer."""
        return asyncio.run(request(self.app, path, headers=headers))


@pytest.fixture
def server() -> Server:
    """A fresh server."""
    return Server()


def test_a_static_file_is_made_once(server: Server) -> None:
    """The second request for a file is answered from memory, compressed for those who take it."""
    first, second = server.get("/assets/x.js"), server.get("/assets/x.js")
    assert server.asked == 1
    assert first.raw == second.raw
    assert brotli.decompress(first.raw).decode() == TEXT
    assert len(first.raw) < len(TEXT) / 10
    plain = server.get("/assets/x.js", {})
    assert "content-encoding" not in plain.headers
    assert plain.text == TEXT
    assert plain.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("path", "cache"),
    [
        ("/assets/x.js?m=1795.1", FOREVER),
        ("/_dash-component-suites/dash/deps/react.v3_4_1m1795000000.min.js", FOREVER),
        ("/assets/x.js", ASK_AGAIN),
        ("/_dash-component-suites/plotly/package_data/plotly.min.js", ASK_AGAIN),
    ],
)
def test_only_fingerprinted_files_are_kept_without_asking(server: Server, path: str, cache: str) -> None:
    """An address that changes with its content is kept for a year, any other is asked for again."""
    assert server.get(path).headers["cache-control"] == cache


def test_what_the_browser_has_is_not_sent_again(server: Server) -> None:
    """With the right ETag the answer is 304 without a body, with another one the file."""
    etag = server.get("/assets/x.js").headers["etag"]
    known = server.get("/assets/x.js", {**BR, "if-none-match": f'W/"old", {etag}'})
    assert (known.status, known.raw) == (304, b"")
    assert server.get("/assets/x.js", {**BR, "if-none-match": '"old"'}).status == 200


def test_errors_are_not_kept(server: Server) -> None:
    """A missing file is asked for each time and has no cache header."""
    for _ in range(2):
        answer = server.get("/assets/missing.js")
        assert (answer.status, answer.headers.get("cache-control")) == (404, None)
    assert server.asked == 2


def test_pictures_stay_as_they_are(server: Server) -> None:
    """What compression does not make smaller is sent as it is."""
    assert "content-encoding" not in server.get("/assets/x.png").headers


def test_dynamic_text_is_compressed_and_not_kept(server: Server) -> None:
    """A layout or a figure is compressed in the answer and made anew each time."""
    first = server.get("/_dash-layout")
    server.get("/_dash-layout")
    assert server.asked == 2
    assert first.headers["content-encoding"] == "br"
    assert first.text == TEXT
    assert int(first.headers["content-length"]) == len(first.raw)


@pytest.mark.parametrize("path", ["/small", "/stream"])
def test_small_and_streamed_answers_are_left_alone(server: Server, path: str) -> None:
    """What is small gains nothing, and what comes in pieces goes out in pieces."""
    assert "content-encoding" not in server.get(path).headers
