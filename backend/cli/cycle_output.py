"""Quality cycles on the command line: one with its figures and what follows from it, or many in a table."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import typer

from backend.cli.output import print_table, say
from backend.domain.durations import TIME_METRICS, DurationUnit, unit_for

METRIC_WORDS: Final = {
    "mae": "mean error, {unit} per operation and lot",
    "trim_mae": "… without the 10 % at either end",
    "rmse": "root mean square error, {unit}",
    "wape": "error / actual time",
    "routing_mae": "error of the whole routing, {unit}",
    "process_match": "agreement of operation sequences",
    "exact_match": "sequences that are right throughout",
    "exact_route": "… work centres too",
    "work_centre_match": "work centres that are right",
    "outsourcing_success": "in-house / outsourced that is right",
    "cv": "spread of the errors / mean actual",
    "actual_cv": "the shop's own spread",
    "coverage": "actuals inside the 80 % range",
    "total_coverage": "whole lots inside that of their total",
}
WORST_SHOWN: Final = 10
_COLUMNS: Final = (
    "cycle",
    "made (UTC)",
    "status",
    "version",
    "mae {unit}",
    "wape",
    "process match",
    "coverage",
    "alerts",
    "changes",
    "trigger",
    "asked for",
)


def print_cycle(cycle: dict[str, Any]) -> None:
    """Print a cycle: its figures, alerts, what has changed, what follows, and where its reports are."""
    counts = cycle["sample_count"]
    typer.echo(f"{cycle['cycle_id']}: {cycle['status']} {cycle['message']}".rstrip())
    typer.echo(f"model {cycle['model_version']}, {counts['items']:,} items, {counts['operations']:,} operations scored")
    from backend.domain.quality import LIMIT_OF

    limits = {metric: cycle["limits"][limit] for metric, limit in LIMIT_OF.items()}
    unit = unit_for([cycle["mae"]])
    rows = [
        (
            name,
            _in(unit, name, cycle[name]),
            " to ".join(
                f"{unit.of(end) if name in TIME_METRICS else end:.3g}" for end in cycle["intervals"].get(name, ())
            ),
            _in(unit, name, limits.get(name)),
            words.format(unit=unit.name),
        )
        for name, words in METRIC_WORDS.items()
        if cycle.get(name) is not None  # cycles of earlier releases have fewer
    ]
    if rows:
        print_table("", ("metric", "value", "95 % interval", "best possible (estimate)", "meaning"), rows)
    if cycle["mae"] is not None and cycle.get("exact_match") == 0:
        typer.echo("ranges of totals could not be judged: no lot was made by exactly the proposed sequence")
    _print_worst(cycle.get("segments", ()), unit)
    if cycle["excluded"]:
        left_out = ", ".join(f"{count:,} {why.replace('_', ' ')}" for why, count in cycle["excluded"].items())
        typer.echo(f"left out of judging (rows): {left_out}")
    for alert in cycle["alerts"]:
        typer.echo(f"! {alert['severity']}: {alert['message']}")
    for sentence in _changes(cycle):
        typer.echo(f"changed: {sentence}")
    for sentence in _what_follows(cycle):
        typer.echo(sentence)
    for report in cycle.get("reports", ()):
        say(f"report: {report}")


def _print_worst(segments: Sequence[dict[str, Any]], unit: DurationUnit) -> None:
    if not segments:
        return
    columns = ("dimension", "segment", "wape", f"mae {unit.name}", "process match", "coverage", "operations")
    names = ("wape", "mae", "process_match", "coverage")
    rows = (
        (one["dimension"], one["value"], *(_in(unit, name, one[name]) for name in names), one["operation_count"])
        for one in segments[:WORST_SHOWN]
    )
    print_table(f"worst of {len(segments)} segments", columns, rows)


def _in(unit: DurationUnit, metric: str, value: float | None) -> str | None:
    """Return a metric as text, in the unit where it is a time."""
    if value is None:
        return None
    return f"{unit.of(value) if metric in TIME_METRICS else value:.3f}"


def print_cycles(cycles: Iterable[dict[str, Any]]) -> None:
    """Print a line per cycle."""
    shown = list(cycles)
    unit = unit_for(cycle["mae"] for cycle in shown)
    columns = [name.format(unit=unit.name) for name in _COLUMNS]
    print_table("", columns, (_row(cycle, unit) for cycle in shown))


def _row(cycle: dict[str, Any], unit: DurationUnit) -> tuple[Any, ...]:
    trigger = cycle.get("trigger") or {}
    figures = tuple(_in(unit, name, cycle[name]) for name in ("mae", "wape", "process_match", "coverage"))
    counts = len(cycle["alerts"]), len(list(_changes(cycle)))
    names = tuple(cycle[name] for name in ("cycle_id", "created_at", "status", "model_version"))
    return *names, *figures, *counts, trigger.get("action"), _asked(trigger)


def _asked(trigger: dict[str, Any]) -> str | None:
    request = trigger.get("request")
    if not request:
        return None
    return request["job_id"] or request["outcome"] or "nobody has looked yet; a running server does"


def _changes(cycle: dict[str, Any]) -> Iterator[str]:
    drift = cycle.get("drift") or {"errors": [], "inputs": []}
    for finding in (*drift["errors"], *drift["inputs"]):
        yield finding["sentence"]


def _what_follows(cycle: dict[str, Any]) -> Iterator[str]:
    trigger, watch = cycle.get("trigger") or {}, cycle.get("watch") or {}
    if trigger:
        yield f"trigger: {trigger['action']}: {trigger['reason']}"
        if asked := _asked(trigger):
            yield f"asked for: {asked}"
    if watch:
        yield ". ".join(filter(None, (watch["reason"], watch["outcome"])))
