import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import dashboard
from dashboard import language, texts
from dashboard.page import Navigation
from dashboard.pages import PAGES
from plant.errors import ConfigurationError
from plant.packml import Mode, State

PACKAGE = Path(dashboard.__file__).parent
FUNCTIONS = {"text", "both", "starting_with", "Navigation"}
"""Calls whose first argument is a key, or a prefix of keys."""


def _first_arguments() -> Iterator[tuple[Path, ast.expr]]:
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in FUNCTIONS:
                yield file, node.args[0]


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _literals() -> set[str]:
    """Every string of the code and the scripts that is a key: keys may go through a table before they are used."""
    known = set(texts.catalogue())
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known:
                found.add(node.value)
    for file in PACKAGE.rglob("*.js"):
        found |= {key for key in re.findall(r'["`]([\w.-]+)["`]', file.read_text()) if key in known}
    return found


def _prefixes() -> set[str]:
    """Constant beginnings of keys that are put together, such as ``state.``; at least a dot long."""
    found = set()
    for _, argument in _first_arguments():
        if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
            found.add(str(argument.values[0].value))
    return {prefix for prefix in found if "." in prefix}


def test_every_key_that_code_names_is_known() -> None:
    """A call with a literal key names one that a file has."""
    known = texts.catalogue()
    unknown = [
        f"{file.name}: {argument.value}"
        for file, argument in _first_arguments()
        if isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and not any(key == argument.value or key.startswith(argument.value) for key in known)
    ]
    assert unknown == []


def test_every_known_key_is_used() -> None:
    """A text that nothing shows is removed: it would be translated for nobody."""
    literals, prefixes = _literals(), tuple(_prefixes())
    unused = [key for key in texts.catalogue() if key not in literals and not key.startswith(prefixes)]
    assert unused == []


def test_put_together_keys_exist_for_every_state_and_mode() -> None:
    """Each PackML state and mode has its words, though no code names their keys."""
    for key in [*(f"state.{state.name}" for state in State), *(f"mode.{mode.name}" for mode in Mode)]:
        assert texts.text(key)


def test_both_languages_take_the_same_values() -> None:
    """The Russian and the English text of a key name the same values."""
    for key, entry in texts.catalogue().items():
        fields = [{name for _, name, _, _ in string.Formatter().parse(words) if name} for words in (entry.ru, entry.en)]
        assert fields[0] == fields[1], key


def test_russian_texts_are_russian() -> None:
    """A Russian text that is longer than a sign holds Cyrillic letters: nobody forgot to translate it."""
    latin = [
        key for key, entry in texts.catalogue().items() if re.search(r"[a-z]{4}", entry.ru) and entry.ru == entry.en
    ]
    assert latin == []


def test_navigation_of_every_page_has_its_text() -> None:
    """Each page that is in the navigation names a known text."""
    entries = [page.NAVIGATION for page in PAGES if page.NAVIGATION is not None]
    assert all(isinstance(entry, Navigation) and entry.text in texts.catalogue() for entry in entries)


def test_a_value_goes_in_by_name() -> None:
    """Values are put in by name, in the language of the request."""
    with language.use("en"):
        assert texts.text("period.day-of", day="22 Nov") == "Day of 22 Nov"
    assert texts.both("period.day-of", day="22.11").ru == "Сутки 22.11"


def test_an_unknown_key_is_a_mistake() -> None:
    """An unknown key is loud."""
    with pytest.raises(KeyError):
        texts.text("no.such-key")


def test_a_text_without_a_language_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that lacks a language stops the start and names its file and key."""
    (tmp_path / "broken.yaml").write_text("some.key: {ru: Да}\n")
    monkeypatch.setattr(texts.resources, "files", lambda _: tmp_path)
    with pytest.raises(ConfigurationError, match=r"broken\.yaml.*some\.key"):
        texts.catalogue.__wrapped__()
