"""What the documents promise is there, and what is there is documented."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from plant.settings import Settings, variable

ROOT = Path(__file__).parents[2]


def test_every_setting_is_documented_with_its_default() -> None:
    """docs/settings.md has exactly one row per setting: variable, default and meaning as in the code."""
    rows = dict(re.findall(r"^\| `(FACTORY_\w+)` \| (.+) \|$", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))
    expected = {
        variable(name): f"{f'`{field.default}`' if str(field.default) else 'empty'} | {field.description}"
        for name, field in Settings.model_fields.items()
    }
    assert rows == expected


def test_documents_link_to_files_that_exist() -> None:
    """Every relative link of every Markdown document leads to a file of the project."""
    tracked = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    broken = [
        f"{document}: {target}"
        for document in tracked.split()
        for target in re.findall(r"\]\(([^)#\s]+)", (ROOT / document).read_text(encoding="utf-8"))
        if "://" not in target and not (ROOT / document).parent.joinpath(target).exists()
    ]
    assert not broken


def test_lock_files_hold_hashes_and_no_addresses() -> None:
    """Whoever installs trusts hashes, not a server named here."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert "--index-url" not in text
        assert text.count("--hash=sha256:") >= text.count("==")
