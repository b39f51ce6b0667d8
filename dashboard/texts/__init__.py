"""Every sentence that people read, by key, in both languages.

The YAML files beside this one hold ``key: {ru: ..., en: ...}``; a key belongs to one file. Values go in by name::

    text("live.age", age="3 мин")

Names of things in the model (sites, units, metrics) are not here: they are data, `plant.model.enterprise.Text`.
tests/dashboard/shell/test_texts.py fails on a key that lacks a language, is used but unknown, or is known but unused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

from dashboard import language
from plant.errors import ConfigurationError
from plant.model.enterprise import Language, Text


def text(key: str, **values: object) -> str:
    """The text of `key` in the language of the request, with `values` put in by name.

    Raises:
        KeyError: No file has that key, or a named value is missing; both are mistakes of the caller.
    """
    template = catalogue()[key][language.current()]
    return template.format(**values) if values else template


def both(key: str, **values: object) -> Text:
    """The text of `key` in both languages."""
    entry = catalogue()[key]
    return Text(entry.ru.format(**values), entry.en.format(**values)) if values else entry


def starting_with(prefix: str, spoken: Language) -> dict[str, str]:
    """Templates of all keys that begin with `prefix`, for the scripts in the browser."""
    return {key: entry[spoken] for key, entry in catalogue().items() if key.startswith(prefix)}


@cache
def catalogue() -> Mapping[str, Text]:
    """All texts of all files.

    Raises:
        ConfigurationError: An entry lacks a language or two files have the same key.
    """
    entries: dict[str, Text] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".yaml"):
            continue
        for key, entry in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
            if key in entries:
                raise ConfigurationError(f"{file.name}: text '{key}' is in another file too; keep one")
            if not isinstance(entry, dict) or set(entry) != {"ru", "en"}:
                raise ConfigurationError(f"{file.name}: text '{key}' needs exactly 'ru' and 'en'")
            entries[key] = Text(str(entry["ru"]), str(entry["en"]))
    return entries
