"""How the readers of a mapping file's pieces say what is wrong and what would be right."""

from __future__ import annotations

from pydantic_core import PydanticCustomError


def wrong(problem: str, mend: str) -> PydanticCustomError:
    """An error that `plant.model.wording` passes on in these words, with the line of the piece."""
    return PydanticCustomError("wrong", "{problem}", {"problem": problem, "mend": mend})
