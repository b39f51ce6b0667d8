"""`factory doctor`: ask the running system how it is, and say what to do where it is not well."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

LAG_LIMIT_MS = 1000.0
LEAST_DAYS = 7.0
TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: As in the JSON report.
        value: What was found, for people.
        ok: Whether that is well.
        mend: What to do if it is not.
    """

    name: str
    value: str
    ok: bool
    mend: str = ""


def ask(host: str, port: int) -> dict[str, Any] | None:
    """The running system's own report; None if nothing answers there."""
    url = f"http://{host}:{port}/healthz?detail=1"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()  # 503 carries the report of an unwell system
    except (OSError, TimeoutError):
        return None
    try:
        report = json.loads(body)
    except ValueError:
        return None
    return report if isinstance(report, dict) else None


def examine(report: Mapping[str, Any]) -> list[Finding]:
    """Every figure of the report with a verdict."""
    lag = report["ingest_lag_p95_ms"]
    store = report["historian"]
    days = report["disk"]["days_left"]
    return [
        _all("sites_live", report["sites_live"], report["sites"], _why_not_live(report)),
        _all(
            "edge_nodes_online",
            report["edge_nodes_online"],
            report["edge_nodes"],
            "look into the log of the simulators or of the gateway that is away",
        ),
        Finding(
            "tags",
            f"{report['tags']} live of {report['tags_expected']}",
            report["tags"] > 0,
            "no value arrives: is the broker up, and does a gateway speak for this model?",
        ),
        Finding(
            "values_per_s",
            f"{report['values_per_s']:.0f}",
            report["values_per_s"] > 0,
            "nothing arrives: is the broker up?",
        ),
        Finding(
            "ingest_lag_p95_ms",
            "not known yet" if lag is None else f"{lag:.0f}",
            lag is not None and lag < LAG_LIMIT_MS,
            "the historian or this machine is too slow for the load, has only just started, or is told of the past",
        ),
        Finding("historian", store["kind"], store["ok"], store["detail"] or "it does not answer"),
        _collectors(report["collectors"]),
        Finding("dashboard_ok", "yes" if report["dashboard_ok"] else "no", report["dashboard_ok"], "see its log"),
        Finding("quarantined", str(sum(report["quarantined"].values())), True),
        Finding("sequence_gaps", str(report["sequence_gaps"]), True),
        Finding("rebirths", str(report["rebirths"]), True),
        Finding(
            "disk_days_left",
            "not known yet" if days is None else f"{days:.0f}",
            days is None or days > LEAST_DAYS,
            "free some space, or keep less history",
        ),
    ]


def _collectors(collectors: Sequence[Mapping[str, Any]]) -> Finding:
    """Each with how many sites it serves; unwell when one of them shares its host id."""
    value = ", ".join(f"{each['host_id']} ({len(each['sites'])} sites)" for each in collectors)
    contested = [each["detail"] for each in collectors if each["detail"]]
    return Finding(
        "collectors", value or "none", bool(collectors) and not contested, "; ".join(contested) or "none is up"
    )


def _all(name: str, here: int, expected: int, mend: str) -> Finding:
    return Finding(name, f"{here} of {expected}", here == expected and here > 0, mend)


def _why_not_live(report: Mapping[str, Any]) -> str:
    """What to look at when sites are not live although, or because, their edge nodes are online."""
    if report["edge_nodes_online"] < report["edge_nodes"] or not report["values_per_s"]:
        return "see which site is away on the overview"
    return "values arrive, but are not of now: a replay that has not reached now yet, or clocks that are wrong"


def table(findings: list[Finding]) -> Table:
    """The findings for a terminal."""
    view = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        view.add_row(
            "ok" if finding.ok else "[bold]![/bold]", finding.name, finding.value, "" if finding.ok else finding.mend
        )
    return view


def as_json(report: Mapping[str, Any], findings: list[Finding]) -> str:
    """The report itself with a verdict and what is wrong."""
    wrong = [asdict(finding) for finding in findings if not finding.ok]
    return json.dumps({**report, "ok": not wrong, "wrong": wrong}, indent=2, ensure_ascii=False)
