"""Colours, type and graph style: high-performance HMI (ISA-101.01).

Calm greys carry the process; running is *not* green. Saturated colour is kept for the abnormal and never stands alone:
shape or text goes with it. These tokens are the only place where a colour is written; the style sheets use them as
``var(--df-...)``, Plotly gets them as a template. tests/dashboard/shell/test_theme.py computes their contrast.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

from dashboard import language

Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)
DEFAULT: Final[Scheme] = "light"

FONT: Final = (
    '-apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", system-ui, "Helvetica Neue", Arial, sans-serif'
)
"""What the machine has: every one of these has Cyrillic and tabular digits, and none is fetched."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One scheme's colours, as CSS writes them.

    Attributes:
        canvas: Behind everything; `surface` of cards, `raised` of menus and fields, `sunken` of tracks and wells.
        line: Hairlines between things; `edge` of controls, at least 3:1 on a surface.
        text: What is read; `muted` labels; `faint` asides. All at least 4.5:1 on every ground.
        ink: Marks of the process: bars, sparklines, the shape of a running unit.
        band: A normal range.
        accent: What can be acted on, and focus; `on_accent` text on it; `accent_soft` ground of what is chosen.
        alarm: Abnormal, act now; `warning` abnormal, act soon; `notice` worth knowing. Each with a soft ground.
        series: Lines of a graph, apart for colour-blind eyes too, at least 3:1 on a surface.
    """

    canvas: str
    surface: str
    raised: str
    sunken: str
    line: str
    edge: str
    text: str
    muted: str
    faint: str
    ink: str
    band: str
    accent: str
    on_accent: str
    accent_soft: str
    alarm: str
    alarm_soft: str
    warning: str
    warning_soft: str
    notice: str
    notice_soft: str
    shadow: str
    series: tuple[str, ...]


LIGHT: Final = Tokens(
    canvas="#e9ecee",
    surface="#f7f8f9",
    raised="#ffffff",
    sunken="#dde1e5",
    line="#d3d8dd",
    edge="#7c8791",
    text="#1a2026",
    muted="#47515b",
    faint="#5a646e",
    ink="#5b6670",
    band="#c6ced5",
    accent="#1d5b78",
    on_accent="#ffffff",
    accent_soft="#d9e6ec",
    alarm="#b3261e",
    alarm_soft="#f6dedb",
    warning="#8a5200",
    warning_soft="#f6e7cb",
    notice="#5d4a9c",
    notice_soft="#e6e1f3",
    shadow="rgb(26 32 38 / 12%)",
    series=("#1d5b78", "#a8470f", "#3f7a3a", "#8b3a78", "#5a646e", "#7d6608", "#2b6fb3", "#a03040"),
)

DARK: Final = Tokens(
    canvas="#14181b",
    surface="#1c2125",
    raised="#252b30",
    sunken="#0f1214",
    line="#30373d",
    edge="#75818b",
    text="#e6eaed",
    muted="#b1bac2",
    faint="#98a3ac",
    ink="#9aa6b0",
    band="#3d474f",
    accent="#8cc0d8",
    on_accent="#10212a",
    accent_soft="#22353f",
    alarm="#ff8f85",
    alarm_soft="#43211f",
    warning="#f0b44c",
    warning_soft="#3d2f14",
    notice="#b9a8f0",
    notice_soft="#2c2643",
    shadow="rgb(0 0 0 / 45%)",
    series=("#8cc0d8", "#f0a070", "#93c98d", "#d79ac8", "#b1bac2", "#d8c25a", "#8db4ee", "#ee949d"),
)

TOKENS: Final[dict[Scheme, Tokens]] = {"light": LIGHT, "dark": DARK}

_current: ContextVar[Scheme] = ContextVar("dashboard_scheme", default=DEFAULT)


def current() -> Scheme:
    """Scheme of the request that is being answered; light outside of any."""
    return _current.get()


@contextmanager
def use(scheme: Scheme) -> Iterator[None]:
    """Answer in that scheme inside the block."""
    token = _current.set(scheme)
    try:
        yield
    finally:
        _current.reset(token)


def parse(text: str | None) -> Scheme | None:
    """The scheme that a cookie names; None if it names none of ours."""
    return next((scheme for scheme in SCHEMES if scheme == text), None)


def tokens() -> Tokens:
    """Colours of the request's scheme."""
    return TOKENS[current()]


def stylesheet(scheme: Scheme) -> str:
    """CSS custom properties of a scheme, ``--df-<token>`` and ``--df-series-<n>`` from 1."""
    named = {key: value for key, value in asdict(TOKENS[scheme]).items() if isinstance(value, str)}
    named |= {f"series-{number}": colour for number, colour in enumerate(TOKENS[scheme].series, 1)}
    rows = "".join(f"--df-{key.replace('_', '-')}:{value};" for key, value in named.items())
    return f":root{{color-scheme:{scheme};--df-font:{FONT};{rows}}}"


def graph_config() -> dict[str, Any]:
    """`config` of every ``dcc.Graph``: no request leaves the origin, no logo, the request's language."""
    return {
        "displaylogo": False,
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "responsive": True,
        "locale": language.current(),
        "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"],
    }


def plotly_template() -> dict[str, Any]:
    """`layout.template` of every figure, in the request's scheme."""
    ours = tokens()
    axis = {
        "gridcolor": ours.line,
        "linecolor": ours.edge,
        "zerolinecolor": ours.line,
        "zerolinewidth": 1,
        "ticks": "outside",
        "tickcolor": ours.line,
        "tickfont": {"color": ours.muted, "size": 12},
        "title": {"font": {"color": ours.muted, "size": 12}},
        "automargin": True,
    }
    return {
        "layout": {
            "font": {"family": FONT, "color": ours.text, "size": 13},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(ours.series),
            "xaxis": axis,
            "yaxis": axis,
            "margin": {"l": 48, "r": 16, "t": 16, "b": 40},
            "hovermode": "x unified",
            "hoverlabel": {
                "bgcolor": ours.raised,
                "bordercolor": ours.line,
                "font": {"family": FONT, "color": ours.text, "size": 13},
            },
            "legend": {"font": {"color": ours.muted}},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": ours.faint, "activecolor": ours.accent},
            "separators": ",\u202f" if language.current() == "ru" else ".,",
        },
        "data": {"scatter": [{"type": "scatter", "line": {"width": 1.5}}]},
    }
