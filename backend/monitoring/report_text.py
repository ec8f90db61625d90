"""A quality cycle in words, as Markdown."""

from collections.abc import Iterator, Sequence

from backend.domain.quality import LIMIT_OF, CycleReport, QualityMetrics, Segment

WORST_SHOWN = 15

_ROWS = (
    ("mae", "mean absolute error per operation and lot (min)"),
    ("trim_mae", "the same without the 10 % smallest and largest errors (min)"),
    ("rmse", "root mean square error (min)"),
    ("wape", "absolute errors / actual minutes"),
    ("routing_mae", "error of a whole routing's minutes (min)"),
    ("process_match", "agreement of operation sequences (0 to 1)"),
    ("exact_match", "items with the whole sequence right"),
    ("exact_route", "items with sequence and work centres right"),
    ("work_centre_match", "operations with the right work centre"),
    ("outsourcing_success", "operations with the right in-house flag"),
    ("cv", "standard deviation of errors / mean actual minutes"),
    ("actual_cv", "the shop's own variation between repeat orders, which no model can beat"),
    ("coverage", "actual times inside their 80 % range"),
)


def markdown(report: CycleReport) -> str:
    """Return a cycle as a page an analyst reads top down: result, breaches, worst parts, data."""
    parts = [
        f"# Quality cycle {report.cycle_id}",
        report.message,
        _facts(report),
        _table(
            ("metric", "value", "95 % interval", "best possible (estimate)", "meaning"),
            [(name, _number(report.metrics, name), *_bounds(report, name), text) for name, text in _ROWS],
        ),
        _section("Breached thresholds", [f"- **{one.severity.value}** {one.message}" for one in report.alerts]),
        _section("What has changed", [f"- {one}" for one in report.drift.sentences] if report.drift else []),
        _section("What follows", list(_what_follows(report))),
        _worst(report.segments),
        _section("Left out of judging (rows)", [f"- {key}: {count:,}" for key, count in report.excluded.items()]),
        _section("In quarantine (rows)", [f"- {one.table}: {one.reason}: {one.rows:,}" for one in report.quarantine]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what_follows(report: CycleReport) -> Iterator[str]:
    if report.trigger:
        yield f"- trigger: **{report.trigger.action.value}** {report.trigger.reason}"
    if report.watch:
        yield "- " + ". ".join(filter(None, (report.watch.reason, report.watch.outcome)))


def _bounds(report: CycleReport, name: str) -> tuple[str, str]:
    interval = report.intervals.get(name)
    return f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else "", _best(report, name)


def _best(report: CycleReport, name: str) -> str:
    """Return the estimated floor or ceiling of a metric, nothing where it has none."""
    limit = LIMIT_OF.get(name)
    value = getattr(report.limits, limit) if limit else None
    return "" if value is None else f"{value:.3f}"


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


def _worst(segments: Sequence[Segment]) -> str:
    if not segments:
        return ""
    rows = [
        (one.dimension, one.value, *(_number(one.metrics, name) for name in ("wape", "mae", "process_match")),
         f"{one.metrics.operation_count:,}")
        for one in segments[:WORST_SHOWN]
    ]  # fmt: skip
    header = ("dimension", "segment", "wape", "mae", "process_match", "operations")
    return f"## Worst of {len(segments)} segments\n\n" + _table(header, rows)


def _section(title: str, lines: Sequence[str]) -> str:
    return f"## {title}\n\n" + "\n".join(lines) if lines else ""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _number(metrics: QualityMetrics, name: str) -> str:
    value = getattr(metrics, name)
    return "–" if value is None else f"{value:.3f}"
