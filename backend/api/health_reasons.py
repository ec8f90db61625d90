"""What keeps the server from doing all of its work: GET /health tells it in words, the metrics count it."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from backend.api.schemas.health import Reason
from backend.monitoring.machine import full_disks
from backend.serving.health import PredictorHealth

if TYPE_CHECKING:
    from backend.api.services import Services

PARTS: Final = ("model", "plant", "jobs", "disk")


def health_reasons(services: "Services", predictor: PredictorHealth) -> list[Reason]:
    """Return everything that is wrong now, with the command that mends it."""
    return [*_prediction_reasons(services, predictor), *_job_reasons(services), *_disk_reasons(services)]


def health_metrics(services: "Services") -> Iterator[Metric]:
    """Count the reasons of each part; 0 says that the part was looked at and is well."""
    counts = Counter(reason.part for reason in health_reasons(services, services.predictor.health()))
    family = GaugeMetricFamily("routing_ml_health_problems", "Reasons why /health is degraded", labels=["part"])
    for part in PARTS:
        family.add_metric([part], counts[part])
    yield family


def _prediction_reasons(services: "Services", health: PredictorHealth) -> list[Reason]:
    trouble = services.trouble.get("model")
    known = [Reason(part="model", problem=trouble, command="routing-ml doctor")] if trouble else []
    return known + [Reason(part=found.part, problem=found.problem, command=found.command) for found in health.problems]


def _job_reasons(services: "Services") -> list[Reason]:
    if services.jobs_are_open:
        return list(services.job_health.reasons())
    cause = services.trouble.get("jobs", "the job engine is still starting")
    return [Reason(part="jobs", problem=cause, command="routing-ml doctor")]


def _disk_reasons(services: "Services") -> list[Reason]:
    settings = services.settings
    folders = {"models": settings.models_dir, "logs": settings.log_dir, "data": settings.data_dir}
    full = full_disks(folders)
    if not full:
        return []
    names, free = ", ".join(disk.folder for disk in full), min(disk.free_bytes for disk in full) / 1e9
    lost = "jobs, versions and log lines cannot be stored until there is room"
    problem = f"the disk of {names} is full ({free:.2f} GB free): {lost}"
    return [Reason(part="disk", problem=problem, command="routing-ml doctor")]
