import re
from dataclasses import fields
from itertools import product
from pathlib import Path

import pytest

import dashboard
from dashboard import language, theme
from dashboard.theme import SCHEMES, TOKENS, Scheme

GROUNDS = ("canvas", "surface", "raised", "sunken")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(")


def _luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2, definition of relative luminance)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_is_readable_on_every_ground(scheme: Scheme) -> None:
    """Text, labels and asides have 4.5:1 on each ground (WCAG AA 1.4.3)."""
    ours = TOKENS[scheme]
    for words, ground in product(("text", "muted", "faint"), GROUNDS):
        assert contrast(getattr(ours, words), getattr(ours, ground)) >= 4.5, (words, ground)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_signal_colours_are_readable(scheme: Scheme) -> None:
    """Accent and signal colours have 4.5:1 as text on cards and on their own soft ground."""
    ours = TOKENS[scheme]
    for name in ("accent", "alarm", "warning", "notice"):
        for ground in ("surface", "raised", f"{name}_soft"):
            assert contrast(getattr(ours, name), getattr(ours, ground)) >= 4.5, (name, ground)
    assert contrast(ours.on_accent, ours.accent) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_marks_and_lines_can_be_seen(scheme: Scheme) -> None:
    """Marks of the process, edges of controls and graph lines have 3:1 on a card (WCAG AA 1.4.11)."""
    ours = TOKENS[scheme]
    for colour in (ours.ink, ours.edge, *ours.series):
        assert contrast(colour, ours.surface) >= 3.0, colour


@pytest.mark.parametrize("scheme", SCHEMES)
def test_running_is_grey(scheme: Scheme) -> None:
    """The ink of a running process has hardly any saturation: colour is kept for the abnormal (ISA-101)."""
    red, green, blue = (int(TOKENS[scheme].ink[at : at + 2], 16) for at in (1, 3, 5))
    assert max(red, green, blue) - min(red, green, blue) <= 32


def test_colours_are_written_in_one_place() -> None:
    """No style sheet, page or figure writes a colour of its own; icons are masks and need none."""
    package = Path(dashboard.__file__).parent
    files = [*package.rglob("*.css"), *package.rglob("*.py")]
    own = {package / "theme.py", package / "assets" / "05-icons.css"}
    found = [
        f"{file.relative_to(package)}:{number}: {line.strip()}"
        for file in files
        if file not in own
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if COLOUR.search(line)
    ]
    assert found == []


def test_style_sheets_use_known_properties_only() -> None:
    """Each ``var(--df-...)`` of the style sheets is a token or is set in a style sheet."""
    package = Path(dashboard.__file__).parent
    sheets = "\n".join(file.read_text() for file in package.rglob("*.css"))
    known = set(re.findall(r"(--df-[\w-]+)\s*:", sheets + theme.stylesheet("light")))
    used = set(re.findall(r"var\((--df-[\w-]+)", sheets))
    assert used - known == set()


def test_the_style_sheet_has_every_token() -> None:
    """Each colour token and each line colour of graphs is a custom property."""
    css = theme.stylesheet("dark")
    for field in fields(theme.Tokens):
        assert ("--df-series-8:" if field.name == "series" else f"--df-{field.name.replace('_', '-')}:") in css


def test_figures_follow_the_scheme_of_the_request() -> None:
    """The template of figures and the current tokens are those of the scheme in force."""
    with theme.use("dark"):
        assert theme.plotly_template()["layout"]["font"]["color"] == theme.DARK.text
    assert theme.tokens() is theme.LIGHT


def test_graphs_call_nobody() -> None:
    """The one configuration of graphs offers no upload, has no server and no logo, and speaks the language."""
    with language.use("en"):
        config = theme.graph_config()
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""
    assert config["displaylogo"] is False
    assert config["locale"] == "en"


@pytest.mark.parametrize(("cookie", "scheme"), [("dark", "dark"), ("light", "light"), ("neon", None), (None, None)])
def test_a_cookie_names_a_scheme_or_none(cookie: str | None, scheme: str | None) -> None:
    """Only our own schemes are taken from a cookie."""
    assert theme.parse(cookie) == scheme
