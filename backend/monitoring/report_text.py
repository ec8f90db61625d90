"""A quality cycle in words, as Markdown."""

from collections.abc import Iterator, Sequence

from backend.domain.durations import TIME_METRICS, DurationUnit, unit_for
from backend.domain.quality import LIMIT_OF, CycleReport, QualityMetrics, Segment

WORST_SHOWN = 15

_ROWS = (
    ("mae", "mean absolute error per operation and lot ({unit})"),
    ("trim_mae", "the same without the 10 % smallest and largest errors ({unit})"),
    ("rmse", "root mean square error ({unit})"),
    ("wape", "absolute errors / actual times"),
    ("routing_mae", "error of a whole routing's time ({unit})"),
    ("process_match", "agreement of operation sequences (0 to 1)"),
    ("exact_match", "items with the whole sequence right"),
    ("exact_route", "items with sequence and work centres right"),
    ("work_centre_match", "operations with the right work centre"),
    ("outsourcing_success", "operations with the right in-house flag"),
    ("cv", "standard deviation of errors / mean actual time"),
    ("actual_cv", "the shop's own variation between repeat orders, which no model can beat"),
    ("coverage", "actual times inside their 80 % range"),
    ("total_coverage", "whole lots inside the 80 % range of their total"),
)


def markdown(report: CycleReport) -> str:
    """Return a cycle as a page an analyst reads top down: result, breaches, worst parts, data."""
    unit = unit_for([report.metrics.mae])
    parts = [
        f"# Quality cycle {report.cycle_id}",
        report.message,
        _facts(report),
        _table(
            ("metric", "value", "95 % interval", "best possible (estimate)", "meaning"),
            [
                (name, _number(report.metrics, name, unit), *_bounds(report, name, unit), text.format(unit=unit.name))
                for name, text in _ROWS
            ],
        ),
        _section("Breached thresholds", [f"- **{one.severity.value}** {one.message}" for one in report.alerts]),
        _section("What has changed", [f"- {one}" for one in report.drift.sentences] if report.drift else []),
        _section("What follows", list(_what_follows(report))),
        _worst(report.segments, unit),
        _section("Left out of judging (rows)", [f"- {key}: {count:,}" for key, count in report.excluded.items()]),
        _section("In quarantine (rows)", [f"- {one.table}: {one.reason}: {one.rows:,}" for one in report.quarantine]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what_follows(report: CycleReport) -> Iterator[str]:
    if report.trigger:
        yield f"- trigger: **{report.trigger.action.value}** {report.trigger.reason}"
    if report.watch:
        yield "- " + ". ".join(filter(None, (report.watch.reason, report.watch.outcome)))


def _bounds(report: CycleReport, name: str, unit: DurationUnit) -> tuple[str, str]:
    """Return a metric's interval and its estimated floor or ceiling, nothing where it has none."""
    limit = LIMIT_OF.get(name)
    best = getattr(report.limits, limit) if limit else None
    span = " to ".join(_shown(end, name, unit) for end in report.intervals.get(name, ()))
    return span, "" if best is None else _shown(best, name, unit)


def _facts(report: CycleReport) -> str:
    return _table(
        ("fact", "value"),
        [
            ("status", report.status.value),
            ("made at (UTC)", f"{report.created_at:%Y-%m-%d %H:%M:%S}"),
            ("model version", report.model_version),
            ("data cutoff", f"{report.data_cutoff:%Y-%m-%d %H:%M}" if report.data_cutoff else "none"),
            ("work orders finished", f"{report.window_start:%Y-%m-%d} to {report.window_end:%Y-%m-%d}")
            if report.window_start and report.window_end
            else ("work orders finished", "none"),
            ("compared", f"{report.metrics.operation_count:,} operations of {report.metrics.item_count:,} items"),
            ("sampling", f"{report.sampling.strategy.value}, {report.sampling.sample_size:,} items, "
                         f"seed {report.sampling.seed}"),
        ],
    )  # fmt: skip


def _worst(segments: Sequence[Segment], unit: DurationUnit) -> str:
    if not segments:
        return ""
    rows = [
        (one.dimension, one.value, *(_number(one.metrics, name, unit) for name in ("wape", "mae", "process_match")),
         f"{one.metrics.operation_count:,}")
        for one in segments[:WORST_SHOWN]
    ]  # fmt: skip
    header = ("dimension", "segment", "wape", f"mae ({unit.name})", "process_match", "operations")
    return f"## Worst of {len(segments)} segments\n\n" + _table(header, rows)


def _section(title: str, lines: Sequence[str]) -> str:
    return f"## {title}\n\n" + "\n".join(lines) if lines else ""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _number(metrics: QualityMetrics, name: str, unit: DurationUnit) -> str:
    value = getattr(metrics, name)
    return "–" if value is None else _shown(value, name, unit)


def _shown(value: float, name: str, unit: DurationUnit) -> str:
    return f"{unit.of(value) if name in TIME_METRICS else value:.3f}"
