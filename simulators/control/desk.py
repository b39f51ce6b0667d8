"""Which requests are carried out: those that are read, in time, and new."""

from __future__ import annotations

from plant.errors import BadInputError
from simulators.control.messages import Request, Result, decode_request

FARTHEST_MS = 600_000
"""A request may be valid for so long at most; its id is remembered until then, so that it is carried out once."""
MOST_REMEMBERED = 10_000
"""Requests of the last minutes; nobody steers faster by hand."""


class RequestDesk:
    """Keeps the ids of what was asked; every method takes the wall clock as ``now_ms``, UTC ms."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def read(self, payload: bytes, now_ms: int, *, retained: bool) -> Request | Result:
        """The request to carry out, or the answer that refuses it.

        Args:
            payload: Of a message to the command topic.
            now_ms: Wall clock.
            retained: Whether the broker had kept it.
        """
        try:
            request = decode_request(payload)
        except BadInputError as error:
            return Result("", ok=False, text=str(error), time=now_ms)
        refusal = self._refusal(request, now_ms, retained=retained)
        if refusal is not None:
            return Result(request.id, ok=False, text=refusal, time=now_ms)
        self._seen[request.id] = request.expires_at
        return request

    def _refusal(self, request: Request, now_ms: int, *, retained: bool) -> str | None:
        self._seen = {name: until for name, until in self._seen.items() if until > now_ms}
        if retained:
            return "a retained request is not carried out, nobody knows how old it is; send it without the retain flag"
        if request.id in self._seen:
            return f"request {request.id} has been answered already; give each request an id of its own"
        if request.expires_at <= now_ms:
            late_s = (now_ms - request.expires_at) / 1000
            return f"the request expired {late_s:.1f} s ago; send it again, and compare the clocks if that repeats"
        if request.expires_at > now_ms + FARTHEST_MS:
            return f"the request is valid for too long; let it expire within {FARTHEST_MS // 1000} s"
        if len(self._seen) >= MOST_REMEMBERED:
            return f"more than {MOST_REMEMBERED} requests came within minutes; wait until some have expired"
        return None
