import asyncio

from hypothesis import given
from hypothesis import strategies as st

from dashboard import language
from dashboard.texts import text


def test_the_default_is_russian() -> None:
    """Outside of a request the language is Russian."""
    assert language.current() == "ru"


def test_a_block_speaks_its_language_and_no_other() -> None:
    """A language holds inside its block, also nested, and is restored after an exception."""
    with language.use("en"):
        assert text("nav.overview") == "Overview"
        with language.use("ru"):
            assert text("nav.overview") == "Обзор"
        assert language.current() == "en"
    assert language.current() == "ru"


def test_requests_in_two_languages_interleave() -> None:
    """Two tasks that take turns on one event loop, and the threads that they start, each keep their own language."""

    async def answer(spoken: str) -> set[str]:
        with language.use(language.parse(spoken) or "ru"):
            heard = set()
            for _ in range(20):
                await asyncio.sleep(0)
                heard |= {text("nav.trends"), await asyncio.to_thread(text, "nav.trends")}
            return heard

    async def both() -> list[set[str]]:
        return await asyncio.gather(answer("ru"), answer("en"))

    assert asyncio.run(both()) == [{"Тренды"}, {"Trends"}]


@given(st.text())
def test_a_cookie_names_one_of_ours_or_none(given_text: str) -> None:
    """Whatever a cookie holds, it is one of our languages or none."""
    assert language.parse(given_text) in {None, "ru", "en"}
    assert language.parse("en") == "en"
    assert language.parse(None) is None
