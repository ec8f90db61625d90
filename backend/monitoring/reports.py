"""Writes each cycle's report files: JSON (complete), CSV (a row per segment) and Markdown (to read)."""

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from backend.domain.quality import CycleReport, QualityMetrics
from backend.monitoring.cycle_json import cycle_to_json
from backend.monitoring.report_text import markdown
from backend.registry.durable_files import replace_durable


def write_reports(folder: Path, report: CycleReport) -> tuple[Path, ...]:
    """Write the three files of a cycle and return their paths; a second call writes the same again."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"quality_{report.created_at:%Y%m%dT%H%M%SZ}_{report.cycle_id}"
    contents = {
        ".json": json.dumps(cycle_to_json(report), ensure_ascii=False, indent=1, allow_nan=False),
        ".csv": "\ufeff" + _csv(report),  # spreadsheets take a file without the mark for the local code page
        ".md": markdown(report),
    }
    paths = tuple(folder / (stem + ending) for ending in contents)
    for path, content in zip(paths, contents.values(), strict=True):
        replace_durable(path, content.encode("utf-8"))
    return paths


def _csv(report: CycleReport) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["dimension", "value", *QualityMetrics.__dataclass_fields__])
    parts: list[tuple[str, str, QualityMetrics]] = [("all", "all", report.metrics)]
    parts += [(one.dimension, one.value, one.metrics) for one in report.segments]
    for dimension, value, metrics in parts:
        writer.writerow([dimension, _no_formula(value), *asdict(metrics).values()])
    return out.getvalue()


def _no_formula(value: Any) -> str:
    """Keep a spreadsheet from running a plant's text as a formula."""
    text = str(value)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
