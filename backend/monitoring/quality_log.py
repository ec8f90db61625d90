"""The lines that an operator follows a quality evaluation by: an event and key=value pairs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from backend.domain.quality import CycleReport, Severity
from backend.monitoring.log_files import QUALITY_LOGGER
from backend.monitoring.log_format import LineFormatter, secrets_of
from backend.monitoring.log_rotation import RotationPolicy, SharedRotatingHandler
from backend.settings import Settings

_logger = logging.getLogger(QUALITY_LOGGER)
_SHOWN = ("mae", "wape", "process_match", "exact_match", "cv", "actual_cv", "coverage")
_LEVELS = {Severity.WARNING: logging.WARNING, Severity.CRITICAL: logging.ERROR}


def line(event: str, **facts: Any) -> str:
    """Return one log line; values with blanks or quotes are quoted.

    >>> print(line("cycle_finished", mae=4.2, status="ok", message='no "alerts" at all'))
    cycle_finished mae=4.2 status=ok message="no 'alerts' at all"
    """
    return " ".join([event, *(f"{name}={_quoted(value)}" for name, value in facts.items())])


def _quoted(value: Any) -> str:
    text = "none" if value is None else str(value).replace('"', "'")
    return f'"{text}"' if not text or any(sign in text for sign in " '=") else text


def log_cycle_started(cycle_id: str, model_version: str, **facts: Any) -> None:
    """Say that an evaluation begins, and of which version."""
    _logger.info(line("cycle_started", cycle_id=cycle_id, model_version=model_version, **facts))


def log_cycle_finished(report: CycleReport) -> None:
    """Say what an evaluation found: one line, then one for each breach, change, and what follows."""
    metrics = {name: getattr(report.metrics, name) for name in _SHOWN} | asdict(report.limits)
    counts = {"items": report.metrics.item_count, "operations": report.metrics.operation_count}
    facts = {"cycle_id": report.cycle_id, "status": report.status.value, "model_version": report.model_version}
    told = {"alerts": len(report.alerts), "message": report.message}
    _logger.info(line("cycle_finished", **facts, **metrics, **counts, **told))
    for alert in report.alerts:
        found = line("threshold_breached", cycle_id=report.cycle_id, **asdict(alert))
        _logger.log(_LEVELS[alert.severity], found)
    for sentence in report.drift.sentences if report.drift else ():
        _logger.warning(line("changed", cycle_id=report.cycle_id, message=sentence))
    _log_trigger(report)
    _log_watch(report)


def _log_trigger(report: CycleReport) -> None:
    if report.trigger is None:
        return
    one = report.trigger
    facts = {"cycle_id": report.cycle_id, "action": one.action.value, "operations": one.judged_operations}
    _logger.log(logging.WARNING if one.asks else logging.INFO, line("trigger", **facts, reason=one.reason))


def _log_watch(report: CycleReport) -> None:
    if report.watch is None:
        return
    one = report.watch
    facts = {"version": one.version, "replaced": one.replaced, "worse": str(one.roll_back).lower()}
    told = line("watch", cycle_id=report.cycle_id, **facts, reason=one.reason, outcome=one.outcome or "nothing done")
    _logger.log(logging.ERROR if one.roll_back else logging.INFO, told)


@contextmanager
def quality_log(settings: Settings) -> Iterator[None]:
    """See to it that the lines reach logging.file in this process, whether or not logging is set up."""
    if any(isinstance(handler, SharedRotatingHandler) for handler in _logger.handlers):
        yield
        return
    settings.quality_log_file.parent.mkdir(parents=True, exist_ok=True)
    handler = SharedRotatingHandler(settings.quality_log_file, RotationPolicy.of(settings))
    handler.setFormatter(LineFormatter(secrets_of(settings)))
    level_before = _logger.level
    _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        _logger.removeHandler(handler)
        _logger.setLevel(level_before)
        handler.close()
