"""`factory model check | tree | diff`, as they are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from factory.model_commands import app
from plant.errors import FactoryError

TINY = Path(__file__).with_name("tiny.yaml")


def run(*arguments: str | Path) -> Result:
    """The command, with output and error stream apart."""
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_check_counts_what_each_site_holds() -> None:
    """A good model: one row a site and their sum, exit code 0."""
    result = run("check", TINY)
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["alpha", "trial", "1", "2", "2", "2", "22"] in rows
    assert ["beta", "production", "1", "1", "1", "1", "10"] in rows
    assert ["total", "2", "3", "3", "3", "32"] in rows


def test_check_lists_every_mistake(tmp_path: Path) -> None:
    """A broken model: file, line, what is wrong and what would be right, for each mistake; exit code 1."""
    file = tmp_path / "plant.yaml"
    content = TINY.read_text("utf-8").replace("Europe/Moscow", "Europe/Moskow").replace("kiln: {type", "kil: {type")
    file.write_text(content, "utf-8")
    result = run("check", file)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert lines[0] == f"{file}:82: unknown time zone 'Europe/Moskow'; did you mean 'Europe/Moscow'?"
    assert lines[-1] == f"{len(lines) - 1} mistakes"


@pytest.mark.parametrize(("lang", "name"), [("ru", "Печная линия"), ("en", "Kiln line")])
def test_tree_shows_one_site_in_either_language(lang: str, name: str) -> None:
    """Areas, lines and units with live counts, constraint, output and feeds; other sites are left out."""
    result = run("tree", "alpha", "--model", TINY, "--lang", lang)
    assert result.exit_code == 0
    assert f"{name} kiln-1 12, 240 t a shift" in result.stdout
    assert "kiln: kiln 12 constraint, output -> board-1/former" in result.stdout
    assert "beta" not in result.stdout


def test_tree_of_an_unknown_site_says_which_there_are() -> None:
    """A wrong slug is told with the nearest one."""
    result = run("tree", "alfa", "--model", TINY)
    assert isinstance(result.exception, FactoryError)
    assert str(result.exception) == "there is no site 'alfa' in model 'tiny'; did you mean 'alpha'?"


def test_diff_fails_when_a_history_would_be_lost(tmp_path: Path) -> None:
    """Losses exit with 1 and say how to keep the history; other differences exit with 0; in a pipe a row is a line."""
    lost, changed = tmp_path / "lost.yaml", tmp_path / "changed.yaml"
    content = TINY.read_text("utf-8")
    lost.write_text(content.replace("      burning: {", "      flame: {"), "utf-8")
    changed.write_text(content.replace("shift_target: 240 t", "shift_target: 250 t"), "utf-8")
    result = run("diff", TINY, lost)
    assert result.exit_code == 1
    fates = [line.split("\t")[:2] for line in result.stdout.splitlines()]
    assert fates == [["lost", "alpha/shop/kiln-1/kiln/burning"], ["added", "alpha/shop/kiln-1/kiln/flame"]]
    assert "'retired: DATE'" in result.stdout
    result = run("diff", TINY, changed)
    assert (result.exit_code, result.stdout) == (0, "changed\talpha/shop/kiln-1\tshift target 240 t -> 250 t\n")
    assert run("diff", TINY, TINY).stdout == "no difference\n"


def test_diff_is_a_table_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People get columns with a heading."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    new = tmp_path / "new.yaml"
    new.write_text(TINY.read_text("utf-8").replace("shift_target: 240 t", "shift_target: 250 t"), "utf-8")
    heading = run("diff", TINY, new).stdout.splitlines()[0]
    assert all(word in heading for word in ("what", "tag or line", "how"))
