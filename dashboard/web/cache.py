"""Static files compressed once and cached well; dynamic answers compressed as they go.

Dash reads a bundle from disk and hashes it at each request. Here the first request makes the brotli form and an ETag,
the following ones are memory. A changed asset needs a restart of the process.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import brotli  # type: ignore[import-untyped]  # it has no stubs
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC: Final = ("/assets/", "/_dash-component-suites/")
FOREVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"
COMPRESSIBLE: Final = re.compile(r"text/|application/(json|javascript)|image/svg")
FINGERPRINT: Final = re.compile(r"\.v[\w-]+m[0-9a-f]+\.|[?&]m=")
STATIC_QUALITY: Final = 6
"""Of brotli, 0 to 11: the largest bundle takes 0.2 s, once; 11 would take 8 s for a tenth less."""
DYNAMIC_QUALITY: Final = 4
SMALLEST: Final = 1_024
"""Bytes below which compression gains nothing."""
LARGEST_KEPT: Final = 64 << 20
"""Bytes of all kept files together; more than that is not static files of ours."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A static answer in both forms; `brotli` is None where compression gains nothing."""

    kind: str
    plain: bytes
    brotli: bytes | None
    etag: str
    cache: str


class CompressAndCache:
    """ASGI middleware for GET of static files and for any other answer that is one piece of text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._files: dict[str, StaticFile] = {}
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory where that is possible."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] == "GET" and scope["path"].startswith(STATIC):
            await self._static(scope, receive, send)
        else:
            takes = _takes_brotli(Headers(scope=scope))
            await self._app(scope, receive, _Compressing(send).send if takes else send)

    async def _static(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = scope["path"] + "?" + scope["query_string"].decode("latin-1")
        file = self._files.get(address)
        if file is None:
            status, headers, body = await _collect(self._app, scope, receive)
            if status != 200:
                await _answer(send, status, headers, body)
                return
            file = await asyncio.to_thread(_file, address, headers.get("content-type", ""), body)
            self._keep(address, file)
        asked = Headers(scope=scope)
        head = {"ETag": file.etag, "Cache-Control": file.cache, "Vary": "Accept-Encoding"}
        if file.etag in asked.get("if-none-match", ""):
            await _answer(send, 304, head, b"")
        elif file.brotli is not None and _takes_brotli(asked):
            await _answer(send, 200, {**head, "Content-Type": file.kind, "Content-Encoding": "br"}, file.brotli)
        else:
            await _answer(send, 200, {**head, "Content-Type": file.kind}, file.plain)

    def _keep(self, address: str, file: StaticFile) -> None:
        size = len(file.plain) + len(file.brotli or b"")
        if self._size + size <= LARGEST_KEPT:
            self._size += size
            self._files[address] = file


class _Compressing:
    """Holds the start of an answer back until its first piece shows whether it is all."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            headers = MutableHeaders(scope=start)
            body = message.get("body", b"")
            if "content-type" not in headers and body.startswith(b"{"):
                headers["Content-Type"] = "application/json"  # Dash names no type for the answers of callbacks
            if not message.get("more_body", False) and _worth(headers, body):
                body = brotli.compress(body, quality=DYNAMIC_QUALITY)
                message = {**message, "body": body}
                headers["Content-Encoding"] = "br"
                headers["Content-Length"] = str(len(body))
                headers.add_vary_header("Accept-Encoding")
            await self._send(start)
        await self._send(message)


def _worth(headers: MutableHeaders, body: bytes) -> bool:
    kind = headers.get("content-type", "")
    return len(body) >= SMALLEST and "content-encoding" not in headers and bool(COMPRESSIBLE.match(kind))


def _file(address: str, kind: str, plain: bytes) -> StaticFile:
    small = brotli.compress(plain, quality=STATIC_QUALITY) if len(plain) >= SMALLEST else plain
    cache = FOREVER if FINGERPRINT.search(address) else ASK_AGAIN
    etag = f'"{hashlib.blake2b(plain, digest_size=12).hexdigest()}"'
    return StaticFile(kind, plain, small if len(small) < len(plain) else None, etag, cache)


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, Mapping[str, str], bytes]:
    """Let the app answer into memory, whole and uncompressed."""
    headers_left = [row for row in scope["headers"] if row[0] not in _CONDITIONAL]
    plain = {**scope, "headers": headers_left, "extensions": {}}  # no extension: files must come as bytes
    status, headers, pieces = 500, Headers(), []

    async def collect(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], Headers(raw=message["headers"])
        else:
            pieces.append(message.get("body", b""))

    await app(plain, receive, collect)
    return status, headers, b"".join(pieces)


async def _answer(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    rows = {key.lower(): value for key, value in headers.items()} | {"content-length": str(len(body))}
    if status == 304:
        del rows["content-length"]
    raw = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in rows.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _takes_brotli(headers: Headers) -> bool:
    return "br" in [name.partition(";")[0].strip() for name in headers.get("accept-encoding", "").split(",")]


_CONDITIONAL: Final = (b"if-none-match", b"if-modified-since", b"range", b"accept-encoding")
