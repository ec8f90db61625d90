"""Writes each cycle's report files: JSON (complete), CSV (a row per segment), Markdown (to read), and its items."""

import csv
import io
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from backend.domain.quality import CycleReport, QualityMetrics
from backend.monitoring.cycle_json import cycle_to_json
from backend.monitoring.report_text import markdown
from backend.registry.durable_files import replace_durable


def items_file(folder: Path, created_at: datetime, cycle_id: str) -> Path:
    """Return where a cycle keeps its items (backend.monitoring.cycle_items); some have none."""
    return folder / (_stem(created_at, cycle_id) + ".items.jsonl.gz")


def _stem(created_at: datetime, cycle_id: str) -> str:
    return f"quality_{created_at:%Y%m%dT%H%M%SZ}_{cycle_id}"


def write_reports(folder: Path, report: CycleReport, items: bytes | None = None) -> tuple[Path, ...]:
    """Write the files of a cycle and return their paths; a second call writes the same again."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = _stem(report.created_at, report.cycle_id)
    contents = {
        ".json": json.dumps(cycle_to_json(report), ensure_ascii=False, indent=1, allow_nan=False),
        ".csv": "\ufeff" + _csv(report),  # spreadsheets take a file without the mark for the local code page
        ".md": markdown(report),
    }
    paths = tuple(folder / (stem + ending) for ending in contents)
    for path, content in zip(paths, contents.values(), strict=True):
        replace_durable(path, content.encode("utf-8"))
    if items is None:
        return paths
    kept = items_file(folder, report.created_at, report.cycle_id)
    replace_durable(kept, items)
    return (*paths, kept)


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
