"""JSON that is made from a query: answered, or refused in one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import orjson
from asgi import request, running
from prometheus_client import CollectorRegistry
from screens import services

from dashboard.app import create_app
from plant.errors import ConfigurationError


def _answer(query: Mapping[str, str]) -> bytes:
    if query.get("date") == "2099-01-01":
        raise ConfigurationError("that day is not over; ask for another one")
    return orjson.dumps({"date": query.get("date")})


def test_a_question_is_answered_or_refused_with_its_sentence() -> None:
    """200 with the answer; 409 with what a command shows to people."""

    async def main() -> None:
        app = create_app(services(), None, registry=CollectorRegistry(), questions={"/summary": _answer})
        async with running(app) as asked:
            found = await request(asked, "/summary?date=2026-11-20")
            assert (found.status, found.json()) == (200, {"date": "2026-11-20"})
            refused = await request(asked, "/summary?date=2099-01-01")
            assert (refused.status, refused.json()) == (409, {"error": "that day is not over; ask for another one"})

    asyncio.run(main())
