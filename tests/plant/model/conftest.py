from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plant.model.enterprise import Enterprise
from plant.model.load import load

TINY = Path(__file__).with_name("tiny.yaml")
Edited = Callable[..., Enterprise]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """tiny.yaml with texts replaced, loaded."""

    def load_edited(*edits: tuple[str, str]) -> Enterprise:
        content = TINY.read_text("utf-8")
        for old, new in edits:
            assert old in content
            content = content.replace(old, new, 1)
        file = tmp_path / "plant.yaml"
        file.write_text(content, "utf-8")
        return load(file)

    return load_edited
