"""The language of the request that is being answered.

`dashboard.web.preferences` sets it from the cookie before anything of ours runs, so layouts and callbacks just ask
`current()`. It is a context variable: requests in two languages may interleave.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, get_args

from plant.model.enterprise import Language

DEFAULT: Final[Language] = "ru"
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

_current: ContextVar[Language] = ContextVar("dashboard_language", default=DEFAULT)


def current() -> Language:
    """Language of the request that is being answered; Russian outside of any."""
    return _current.get()


@contextmanager
def use(language: Language) -> Iterator[None]:
    """Answer in that language inside the block."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def parse(text: str | None) -> Language | None:
    """The language that a cookie or a query names; None if it names none of ours."""
    return next((language for language in LANGUAGES if language == text), None)
