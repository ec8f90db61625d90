"""The keys of config/iter_training.yaml: sections with ranges, units, defaults, and what a change of each takes."""

import re
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_serializer, field_validator
from pydantic.config import JsonDict

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
Effect = Literal["next_job", "restart"]
"""When a changed key takes effect: with the next job that starts, or with the server's next start."""
Unit = Literal[
    "minutes",
    "hours",
    "days",
    "seconds",
    "milliseconds",
    "megabytes",
    "percent",
    "share",
    "ratio",
    "times",
    "items",
    "operations",
    "jobs",
    "attempts",
    "cores",
    "versions",
    "routings",
    "cron",
]
"""What a key of iter_training.yaml is counted in; a share is between 0 and 1, cron a cron expression."""

_CRON: Final = re.compile(r"(?:[\d*,/-]|[a-z]{3})+(?: (?:[\d*,/-]|[a-z]{3})+){4}", re.IGNORECASE)
"""Five fields of numbers and names; croniter's letters for random and last are not for a plan."""


def _next_job(unit: Unit | None = None) -> JsonDict:
    """Tell of a key that may be changed over HTTP; every job's process reads it from the file when it starts."""
    return _writable("next_job", unit)


def _restart(unit: Unit | None = None) -> JsonDict:
    """Tell of a key that may be changed over HTTP; a server goes by what it read at its own start."""
    return _writable("restart", unit)


def _writable(effect: Effect, unit: Unit | None) -> JsonDict:
    told: JsonDict = {"writable": True, "effect": effect}
    return {**told, "unit": unit} if unit else told


def _by_hand(reason: str) -> JsonDict:
    """Tell of a key that only somebody with access to the file may change; a server reads it at its start."""
    return {"writable": False, "effect": "restart", "fixed_reason": reason}


class Frozen(BaseModel):
    """Values that cannot be changed, without keys that are not known."""

    # hidden because a traceback would print the value of a misspelt DATABASE_PASSWORD
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class SamplingSettings(Frozen):
    """Which items a quality cycle or a gate judges by default."""

    sample_size: int = Field(
        default=500,
        ge=1,
        le=1_000_000,
        description="Items that one quality cycle, or one gate decision, judges.",
        json_schema_extra=_next_job("items"),
    )
    strategy: Literal["random", "stratified", "recent_bias", "all"] = Field(
        default="random",
        description="How those items are chosen; stratified goes by the most telling attribute.",
        json_schema_extra=_next_job(),
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        description="The same seed on the same plant picks the same items.",
        json_schema_extra=_next_job(),
    )


class ThresholdSettings(Frozen):
    """The absolute limits whose breach raises an alert, chance apart."""

    mae_threshold: float = Field(
        default=5.0,
        gt=0,
        description="Mean absolute error per operation and lot, at most.",
        json_schema_extra=_next_job("minutes"),
    )
    cv_threshold: float = Field(
        default=0.3,
        gt=0,
        description="Standard deviation of the errors divided by the mean of the actual minutes, at most.",
        json_schema_extra=_next_job("ratio"),
    )
    process_match_threshold: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="Agreement of predicted and actual operation sequences, at least.",
        json_schema_extra=_next_job("share"),
    )


class TriggerSettings(Frozen):
    """How far a model may fall behind the level promised at its gate, and whether an alarm starts anything."""

    enabled: bool = Field(
        default=True,
        description="Whether an alarm refreshes the model, and trains a new one where newer work still shows it.",
        json_schema_extra=_restart(),
    )
    time_excess_pct: float = Field(
        default=2.0,
        gt=0,
        le=1000,
        description="Error of the times above the one promised at the gate, in per cent of it, that raises an alarm.",
        json_schema_extra=_next_job("percent"),
    )
    mismatch_excess_pct: float = Field(
        default=15.0,
        gt=0,
        le=1000,
        description="The same for operation sequences and for work centres.",
        json_schema_extra=_next_job("percent"),
    )
    segment_shift_pct: float = Field(
        default=10.0,
        gt=0,
        le=1000,
        description="How much longer, shorter or more often wrong one work centre, operation or item class must be.",
        json_schema_extra=_next_job("percent"),
    )


class QueueSettings(Frozen):
    """How many jobs may wait or run, and how often training may start by itself."""

    max_size: int = Field(
        default=3,
        ge=1,
        le=100,
        description="Jobs of one kind that may wait or run; one more is refused.",
        json_schema_extra=_restart("jobs"),
    )
    cooldown_hours: float = Field(
        default=24,
        ge=0,
        le=24 * 365,
        description="Pause between two automatic trainings; a manual start is not held back.",
        json_schema_extra=_restart("hours"),
    )


class LoggingSettings(Frozen):
    """What is logged where, and how log files are rotated."""

    level: LogLevel = Field(
        default="INFO",
        description="The least serious lines that are logged; a job's own lines follow with its next start.",
        json_schema_extra=_restart(),
    )
    file: Path = Field(
        default=Path("logs/performance/performance.quality.log"),
        description="Where quality evaluations are logged.",
        json_schema_extra=_by_hand("a path on the server"),
    )
    rotate_megabytes: float = Field(
        default=20,
        gt=0,
        le=10_000,
        description="A log file this large is rotated and compressed.",
        json_schema_extra=_restart("megabytes"),
    )
    rotate_days: float = Field(
        default=1,
        gt=0,
        le=365,
        description="A log file this old is rotated and compressed.",
        json_schema_extra=_restart("days"),
    )
    keep_days: float = Field(
        default=90,
        gt=0,
        le=3650,
        description="Compressed log files older than this are deleted.",
        json_schema_extra=_restart("days"),
    )

    @field_serializer("file", when_used="json")
    def _with_slashes(self, value: Path) -> str:
        """Write the path alike on every system."""
        return value.as_posix()


class PlantSettings(Frozen):
    """Which ERP layout is read."""

    profile: str = Field(
        default="ksm",
        pattern=r"^[a-z0-9_]{1,40}$",
        description="The folder config/plants/<profile> that says how the ERP's tables are read.",
        json_schema_extra=_by_hand("it names the folder whose SQL is run against the ERP"),
    )


class TrainingSettings(Frozen):
    """How challengers are trained."""

    families: tuple[Literal["boosted_trees", "nearest_neighbour"], ...] = Field(
        default=("boosted_trees", "nearest_neighbour"),
        description="Families of models that are trained as challengers; the gate decides.",
        json_schema_extra=_next_job(),
    )
    holdout_days: float = Field(
        default=28,
        gt=0,
        le=3650,
        description="The newest work orders, kept from training for the gate to judge on; more where lots are rare.",
        json_schema_extra=_next_job("days"),
    )
    max_bad_row_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="Training refuses when more of the rows than this is in quarantine.",
        json_schema_extra=_next_job("share"),
    )
    max_attempts: int = Field(
        default=3,
        ge=1,
        le=10,
        description="How often a job is tried that lost its process, a database, a disk or memory.",
        json_schema_extra=_restart("attempts"),
    )
    retry_backoff_seconds: float = Field(
        default=30,
        ge=0,
        le=86_400,
        description="Wait before the second attempt; it doubles after each one.",
        json_schema_extra=_restart("seconds"),
    )
    threads: int = Field(
        default=1,
        ge=1,
        le=256,
        description="CPU cores that one training may use.",
        json_schema_extra=_restart("cores"),
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        description="The same seed on the same data trains the same model.",
        json_schema_extra=_next_job(),
    )


def _comes_due(cron: str) -> bool:
    from croniter import CroniterError, croniter  # noqa: PLC0415 - 25 ms that few commands need

    try:
        return bool(croniter(cron).get_next())
    except CroniterError:
        return False


class ScheduleSettings(Frozen):
    """When jobs start by themselves: cron expressions (minute hour day month weekday); empty means never."""

    refresh: str = Field(
        default="30 2 * * *",
        description="When the newest work orders are taken up without retraining, on the plant's clock.",
        json_schema_extra=_restart("cron"),
    )
    evaluation: str = Field(
        default="0 3 * * *",
        description="When a quality cycle is made, on the plant's clock.",
        json_schema_extra=_restart("cron"),
    )
    training: str = Field(
        default="",
        description="When a whole training starts, on the plant's clock; the gate decides on deployment.",
        json_schema_extra=_restart("cron"),
    )

    @field_validator("*")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        if not value or (_CRON.fullmatch(value) and _comes_due(value)):
            return value
        raise ValueError("a cron expression like '30 2 * * *' (minute hour day month weekday), or ''")


class GateSettings(Frozen):
    """What a challenger must prove."""

    significance: float = Field(
        default=0.001,
        gt=0,
        lt=0.5,
        description="Level of the paired test: the chance of promoting a version that is not better.",
        json_schema_extra=_next_job("share"),
    )
    min_improvement_pct: float = Field(
        default=1.0,
        ge=0,
        le=100,
        description="The gain must be at least this much of the champion's error.",
        json_schema_extra=_next_job("percent"),
    )
    min_compared_operations: int = Field(
        default=200,
        ge=1,
        le=10_000_000,
        description="With fewer operations to compare, nothing is promoted.",
        json_schema_extra=_next_job("operations"),
    )
    max_process_match_drop: float = Field(
        default=0.005,
        ge=0,
        le=1,
        description="process_match may fall by no more than this.",
        json_schema_extra=_next_job("share"),
    )
    max_predict_milliseconds: float = Field(
        default=200,
        gt=0,
        description="CPU time of one prediction, at most.",
        json_schema_extra=_next_job("milliseconds"),
    )
    max_bundle_megabytes: float = Field(
        default=400,
        gt=0,
        description="The model files must not be larger.",
        json_schema_extra=_next_job("megabytes"),
    )


class EvaluationSettings(Frozen):
    """What a quality cycle needs and how ranges are judged."""

    min_operations: int = Field(
        default=50,
        ge=1,
        le=10_000_000,
        description="With fewer operations to score, a cycle says insufficient_data.",
        json_schema_extra=_next_job("operations"),
    )
    critical_factor: float = Field(
        default=2.0,
        ge=1,
        description="A breach by this factor is critical, less is a warning.",
        json_schema_extra=_next_job("times"),
    )


class WatchSettings(Frozen):
    """How long a promoted version must prove itself beside the one it replaced."""

    days: float = Field(
        default=14,
        ge=0,
        le=365,
        description="Evaluations compare a promoted version with the one it replaced for so long; 0 is never.",
        json_schema_extra=_next_job("days"),
    )


class ModelSettings(Frozen):
    """What is kept on disk and how cautious answers are."""

    keep_versions: int = Field(
        default=5,
        ge=2,
        le=1000,
        description="Model versions kept on disk.",
        json_schema_extra=_restart("versions"),
    )
    low_evidence_probability: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Best candidates below this probability are marked low_evidence.",
        json_schema_extra=_restart("share"),
    )
    candidates: int = Field(
        default=3,
        ge=1,
        le=20,
        description="Alternative routings per item in an answer; the gate times predictions with as many.",
        json_schema_extra=_restart("routings"),
    )


class SecuritySettings(Frozen):
    """Whom the server believes without credentials, once there are some."""

    local_trust: Literal["operator", "off"] = Field(
        default="operator",
        description="What requests of this machine's own user may do without credentials.",
        json_schema_extra=_by_hand("it decides who is served without credentials"),
    )


class IterTrainingConfig(Frozen):
    """The sections of config/iter_training.yaml."""

    sampling: SamplingSettings = SamplingSettings()
    thresholds: ThresholdSettings = ThresholdSettings()
    queue: QueueSettings = QueueSettings()
    logging: LoggingSettings = LoggingSettings()
    plant: PlantSettings = PlantSettings()
    training: TrainingSettings = TrainingSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    gate: GateSettings = GateSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    trigger: TriggerSettings = TriggerSettings()
    watch: WatchSettings = WatchSettings()
    models: ModelSettings = ModelSettings()
    security: SecuritySettings = SecuritySettings()

    @field_validator("*", mode="before")
    @classmethod
    def _empty_section_is_default(cls, value: Any, info: ValidationInfo) -> Any:
        """Read a section whose keys are all commented out (YAML null) as its defaults."""
        return {} if value is None and info.field_name else value
