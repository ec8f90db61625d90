"""The installation's settings: .env and config/iter_training.yaml as frozen, checked values."""

import os
import re
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_serializer, field_validator
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from backend.errors import SettingError

SOURCE_ROOT: Final = Path(__file__).resolve().parent.parent
"""Where the checked-out files are: migrations, shipped plant profiles, the example config."""

PROJECT_ROOT: Final = Path(os.environ.get("ROUTING_ML_ROOT") or SOURCE_ROOT).resolve()
"""Where this installation keeps its state; every path hangs off it, never off the cwd."""

CONFIG_FILE: Final = Path("config/iter_training.yaml")
EXAMPLE_FILE: Final = Path("config/iter_training.yaml.example")

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

ModelT = TypeVar("ModelT", bound=BaseModel)


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


class _Frozen(BaseModel):
    # hidden because a traceback would print the value of a misspelt DATABASE_PASSWORD
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class Environment(_Frozen):
    """The keys of .env; the same names in the process environment win."""

    DATABASE_SERVER: str | None = None
    DATABASE_NAME: str | None = None
    DATABASE_DRIVER: str | None = None
    DATABASE_TRUSTED_CONNECTION: bool = True
    DATABASE_USER: str | None = None
    DATABASE_PASSWORD: str | None = Field(default=None, repr=False)
    DATABASE_ENCRYPT: bool | None = None
    DATABASE_TRUST_SERVER_CERTIFICATE: bool = False
    DATABASE_URL: str | None = Field(default=None, repr=False)
    STATE_DATABASE_URL: str | None = Field(default=None, repr=False)
    MODEL_PATH: Path = Path("models/default")
    LOG_PATH: Path = Path("logs/performance")
    API_HOST: str = "0.0.0.0"  # noqa: S104 - the runbook's value; operators narrow it in .env
    API_PORT: int = Field(default=8000, ge=1, le=65535)
    ENABLE_TRAINING: bool = True
    ENABLE_QUALITY_MONITORING: bool = True
    BUNDLE_HMAC_KEY: str | None = Field(default=None, repr=False)


class SamplingSettings(_Frozen):
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


class ThresholdSettings(_Frozen):
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


class TriggerSettings(_Frozen):
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
        description="How much longer, shorter or more often wrong one work centre, operation or part type must be.",
        json_schema_extra=_next_job("percent"),
    )


class QueueSettings(_Frozen):
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


class LoggingSettings(_Frozen):
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


class PlantSettings(_Frozen):
    """Which ERP layout is read."""

    profile: str = Field(
        default="ksm",
        pattern=r"^[a-z0-9_]{1,40}$",
        description="The folder config/plants/<profile> that says how the ERP's tables are read.",
        json_schema_extra=_by_hand("it names the folder whose SQL is run against the ERP"),
    )


class TrainingSettings(_Frozen):
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
        description="How often a crashing job is tried.",
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


class ScheduleSettings(_Frozen):
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


class GateSettings(_Frozen):
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


class EvaluationSettings(_Frozen):
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


class WatchSettings(_Frozen):
    """How long a promoted version must prove itself beside the one it replaced."""

    days: float = Field(
        default=14,
        ge=0,
        le=365,
        description="Evaluations compare a promoted version with the one it replaced for so long; 0 is never.",
        json_schema_extra=_next_job("days"),
    )


class ModelSettings(_Frozen):
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


class SecuritySettings(_Frozen):
    """Whom the server believes without credentials, once there are some."""

    local_trust: Literal["operator", "off"] = Field(
        default="operator",
        description="What requests of this machine's own user may do without credentials.",
        json_schema_extra=_by_hand("it decides who is served without credentials"),
    )


class IterTrainingConfig(_Frozen):
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


class Settings(_Frozen):
    """Everything an installation can be told, with absolute paths."""

    root: Path
    env: Environment
    config: IterTrainingConfig

    @property
    def models_dir(self) -> Path:
        """The folder of manifest.json and the version folders (parent of MODEL_PATH)."""
        return self.default_model_dir.parent

    @property
    def default_model_dir(self) -> Path:
        """The folder that mirrors the active version's files."""
        return self.root / self.env.MODEL_PATH

    @property
    def log_dir(self) -> Path:
        """LOG_PATH as an absolute folder."""
        return self.root / self.env.LOG_PATH

    @property
    def quality_log_file(self) -> Path:
        """The file of quality-evaluation lines."""
        return self.root / self.config.logging.file

    @property
    def data_dir(self) -> Path:
        """The folder of the embedded plant, the state database and the job folders."""
        return self.root / "data"

    @property
    def reports_dir(self) -> Path:
        """The folder of the quality reports."""
        return self.root / "deliverables" / "quality_reports"

    @property
    def plant_database_path(self) -> Path:
        """The embedded SQLite plant that stands in until a database is configured."""
        return self.data_dir / "plant.db"

    def make_directories(self) -> None:
        """Create the directories that the runbook's section 2.5 lists."""
        for folder in (
            self.log_dir,
            self.quality_log_file.parent,
            self.reports_dir,
            self.default_model_dir,
            self.data_dir / "training_jobs",
            self.root / "old",
            self.root / "config",
        ):
            folder.mkdir(parents=True, exist_ok=True)


def find_profile_dir(root: Path, name: str) -> Path:
    """Return the folder of a plant profile, preferring the installation's own over the shipped."""
    own = root / "config" / "plants" / name
    return own if own.is_dir() else SOURCE_ROOT / "config" / "plants" / name


def load_settings(root: Path = PROJECT_ROOT) -> Settings:
    """Read .env and config/iter_training.yaml below the root; missing files mean defaults.

    Raises SettingError naming the first refused key, its value and what is allowed.
    """
    return Settings(root=root, env=read_environment(root), config=read_config(root / CONFIG_FILE))


def read_environment(root: Path) -> Environment:
    """Read .env below the root and the process's variables, which win; raises SettingError."""
    from_file = {key: value for key, value in dotenv_values(root / ".env").items() if value}
    from_process = {key: os.environ[key] for key in Environment.model_fields if os.environ.get(key)}
    return _validated(Environment, from_file | from_process, ".env")


def read_config(path: Path) -> IterTrainingConfig:
    """Read one iter_training.yaml; raises SettingError where it cannot be honoured."""
    if not path.exists():
        return IterTrainingConfig()
    return parse_config(path.read_bytes(), path.name)


def parse_config(data: bytes, source: str) -> IterTrainingConfig:
    """Read the bytes of an iter_training.yaml; raises SettingError where they cannot be honoured."""
    try:
        content = YAML(typ="safe").load(data.decode("utf-8-sig"))  # Windows' Notepad begins with a byte-order mark
    except UnicodeDecodeError as error:
        raise SettingError(source, "(file)", "bytes that are not UTF-8", "UTF-8 text") from error
    except YAMLError as error:
        raise SettingError(source, "(file)", str(error).splitlines()[0], "valid YAML") from error
    if not isinstance(content or {}, dict):
        raise SettingError(source, "(file)", type(content).__name__, "a mapping of sections")
    return _validated(IterTrainingConfig, content or {}, source)


def _validated(model: type[ModelT], values: dict[str, Any], source: str) -> ModelT:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        location = tuple(str(part) for part in first["loc"])
        shown = "***" if _names_a_secret(location[-1]) else first["input"]
        raise SettingError(source, ".".join(location), shown, what_is_allowed(model, location, first["msg"])) from error


def _names_a_secret(key: str) -> bool:
    """Tell whether a key, perhaps misspelt, is one whose value must not be shown."""
    return any(part in key.upper() for part in ("PASS", "PWD", "SECRET", "TOKEN", "KEY", "URL", "HMAC"))


def what_is_allowed(model: type[BaseModel], location: tuple[str, ...], message: str) -> str:
    """Say in words what would have been accepted at a location of the model."""
    here: type[BaseModel] = model
    for part in location[:-1]:
        annotation = here.model_fields[part].annotation if part in here.model_fields else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return message
        here = annotation
    field = here.model_fields.get(location[-1])
    return _describe(field, message) if field else "the keys " + ", ".join(here.model_fields)


def _describe(field: FieldInfo, message: str) -> str:
    signs = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    limits = [
        f"{words} {getattr(limit, sign)}"
        for limit in field.metadata
        for sign, words in signs.items()
        if hasattr(limit, sign)
    ]
    return " and ".join(limits) if limits else message.removeprefix("Input should be ").removeprefix("Value error, ")
