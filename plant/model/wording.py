"""Pydantic's findings in our words: what is wrong, and what would be right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from plant.model.mistakes import Mistakes, did_you_mean
from plant.model.schema import EnterpriseSpec

_KIND_OF_VALUE = {
    "float_type": "a number",
    "int_type": "a whole number",
    "string_type": "a text",
    "bool_type": "true or false",
    "dict_type": "a mapping ('key: value' lines)",
    "model_type": "a mapping ('key: value' lines)",
    "model_attributes_type": "a mapping ('key: value' lines)",
    "list_type": "a list, such as [former, dryer]",
    "finite_number": "a finite number",
}
_CONTAINERS = (dict, list, tuple)
_BOUND = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}


def note_findings(
    error: ValidationError, mistakes: Mistakes, root: type[BaseModel] = EnterpriseSpec, guide: str = "docs/model.md"
) -> None:
    """Add everything that pydantic found to `mistakes`.

    Args:
        error: What it found.
        mistakes: Takes it.
        root: What the whole file was read as.
        guide: Where its format is explained.
    """
    for finding in error.errors():
        problem, mend = _sentence(finding, root, guide)
        mistakes.add(tuple(finding["loc"]), problem, mend)


def _sentence(finding: ErrorDetails, root: type[BaseModel], guide: str) -> tuple[str, str]:
    """What is wrong, and what would be right."""
    location = [each for each in finding["loc"] if each != "[key]"]
    key = str(location[-1]) if location else "the file"
    context = finding.get("ctx", {})
    match finding["type"]:
        case "wrong":
            sentence = str(context["problem"]), str(context["mend"])
        case "missing":
            sentence = _missing(key, location)
        case "extra_forbidden":
            sentence = f"unknown key '{key}'", did_you_mean(key, _keys_beside(location, root))
        case "enum":
            words = [word.strip("' ") for word in str(context["expected"]).replace(" or ", ",").split(",")]
            sentence = f"'{finding['input']}' is no {key}", did_you_mean(str(finding["input"]), words)
        case "too_short":
            sentence = f"'{_path(location)}' is empty", "give at least one entry"
        case kind if kind in _BOUND:
            bound, relation = _BOUND[kind]
            sentence = f"'{key}' is {finding['input']}", f"it must be {relation} {context[bound]:g}"
        case kind:
            expected = _KIND_OF_VALUE.get(kind, f"what {guide} says")
            sentence = f"'{_path(location)}' is {_shown(finding['input'])}", f"write {expected}"
    return sentence


def _path(location: list[str | int]) -> str:
    return ".".join(str(each) for each in location) or "the file"


def _missing(key: str, location: list[str | int]) -> tuple[str, str]:
    above = _path(location[:-1])
    if key in {"ru", "en"}:
        return f"'{above}' has no text in '{key}'", "every name is given in both languages: {ru: ..., en: ...}"
    return f"'{above}' lacks '{key}'", f"add '{key}: ...'"


def _shown(value: Any) -> str:
    """The value in a few words."""
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"'{str(value)[:40]}'"


def _keys_beside(location: list[str | int], root: type[BaseModel]) -> list[str]:
    """The keys that would be known where an unknown one stands."""
    model: type[BaseModel] | None = root
    rest = location[:-1]
    while rest and model is not None:
        field = model.model_fields.get(str(rest[0]))
        model, steps = _part(field.annotation) if field is not None else (None, 1)
        rest = rest[steps:]
    return list(model.model_fields) if model is not None else []


def _part(annotation: Any) -> tuple[type[BaseModel] | None, int]:
    """The model inside an annotation, and how many steps of a location lead to it (2 through a mapping or list)."""
    for each in _flat(annotation):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each, 2 if getattr(annotation, "__origin__", None) in _CONTAINERS else 1
    return None, 1


def _flat(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _flat(inner)
