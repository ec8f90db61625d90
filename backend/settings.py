"""The installation's settings: .env and config/iter_training.yaml as frozen, checked values."""

import os
import re
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
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
ModelT = TypeVar("ModelT", bound=BaseModel)


_CRON: Final = re.compile(r"(?:[\d*,/-]|[a-z]{3})+(?: (?:[\d*,/-]|[a-z]{3})+){4}", re.IGNORECASE)
"""Five fields of numbers and names; croniter's letters for random and last are not for a plan."""


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

    sample_size: int = Field(default=500, ge=1, le=1_000_000)
    strategy: Literal["random", "stratified", "recent_bias", "all"] = "random"
    seed: int = Field(default=0, ge=0)


class ThresholdSettings(_Frozen):
    """The absolute limits whose breach raises an alert, chance apart."""

    mae_threshold: float = Field(default=5.0, gt=0, description="minutes")
    cv_threshold: float = Field(default=0.3, gt=0)
    process_match_threshold: float = Field(default=0.8, ge=0, le=1)


class TriggerSettings(_Frozen):
    """How far a model may fall behind the level promised at its gate, and whether an alarm starts anything."""

    enabled: bool = True
    time_excess_pct: float = Field(default=2.0, gt=0, le=1000)
    mismatch_excess_pct: float = Field(default=15.0, gt=0, le=1000)
    segment_shift_pct: float = Field(default=10.0, gt=0, le=1000)


class QueueSettings(_Frozen):
    """How many jobs may wait or run, and how often training may start by itself."""

    max_size: int = Field(default=3, ge=1, le=100)
    cooldown_hours: float = Field(default=24, ge=0, le=24 * 365)


class LoggingSettings(_Frozen):
    """What is logged where, and how log files are rotated."""

    level: LogLevel = "INFO"
    file: Path = Path("logs/performance/performance.quality.log")
    rotate_megabytes: float = Field(default=20, gt=0, le=10_000)
    rotate_days: float = Field(default=1, gt=0, le=365)
    keep_days: float = Field(default=90, gt=0, le=3650)


class PlantSettings(_Frozen):
    """Which ERP layout is read."""

    profile: str = Field(default="ksm", pattern=r"^[a-z0-9_]{1,40}$")


class TrainingSettings(_Frozen):
    """How challengers are trained."""

    families: tuple[Literal["boosted_trees", "nearest_neighbour"], ...] = ("boosted_trees", "nearest_neighbour")
    holdout_days: float = Field(default=28, gt=0, le=3650)
    max_bad_row_share: float = Field(default=0.2, ge=0, le=1)
    max_attempts: int = Field(default=3, ge=1, le=10)
    retry_backoff_seconds: float = Field(default=30, ge=0, le=86_400)
    threads: int = Field(default=1, ge=1, le=256)
    seed: int = Field(default=0, ge=0)


def _comes_due(cron: str) -> bool:
    from croniter import CroniterError, croniter  # noqa: PLC0415 - 25 ms that few commands need

    try:
        return bool(croniter(cron).get_next())
    except CroniterError:
        return False


class ScheduleSettings(_Frozen):
    """When jobs start by themselves: cron expressions (minute hour day month weekday); empty means never."""

    refresh: str = "30 2 * * *"
    evaluation: str = "0 3 * * *"
    training: str = ""

    @field_validator("*")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        if not value or (_CRON.fullmatch(value) and _comes_due(value)):
            return value
        raise ValueError("a cron expression like '30 2 * * *' (minute hour day month weekday), or ''")


class GateSettings(_Frozen):
    """What a challenger must prove."""

    significance: float = Field(default=0.001, gt=0, lt=0.5)
    min_improvement_pct: float = Field(default=1.0, ge=0, le=100)
    min_compared_operations: int = Field(default=200, ge=1)
    max_process_match_drop: float = Field(default=0.005, ge=0, le=1)
    max_predict_milliseconds: float = Field(default=200, gt=0)
    max_bundle_megabytes: float = Field(default=400, gt=0)


class EvaluationSettings(_Frozen):
    """What a quality cycle needs and how ranges are judged."""

    min_operations: int = Field(default=50, ge=1)
    critical_factor: float = Field(default=2.0, ge=1)


class WatchSettings(_Frozen):
    """How long a promoted version must prove itself beside the one it replaced."""

    days: float = Field(default=14, ge=0, le=365)


class ModelSettings(_Frozen):
    """What is kept on disk and how cautious answers are."""

    keep_versions: int = Field(default=5, ge=2, le=1000)
    low_evidence_probability: float = Field(default=0.3, ge=0, le=1)
    candidates: int = Field(default=3, ge=1, le=20)


class SecuritySettings(_Frozen):
    """Whom the server believes without credentials, once there are some."""

    local_trust: Literal["operator", "off"] = "operator"


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
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise SettingError(path.name, "(file)", str(error).splitlines()[0], "valid YAML") from error
    if not isinstance(content or {}, dict):
        raise SettingError(path.name, "(file)", type(content).__name__, "a mapping of sections")
    return _validated(IterTrainingConfig, content or {}, path.name)


def _validated(model: type[ModelT], values: dict[str, Any], source: str) -> ModelT:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        location = tuple(str(part) for part in first["loc"])
        shown = "***" if _names_a_secret(location[-1]) else first["input"]
        raise SettingError(source, ".".join(location), shown, _allowed(model, location, first["msg"])) from error


def _names_a_secret(key: str) -> bool:
    """Tell whether a key, perhaps misspelt, is one whose value must not be shown."""
    return any(part in key.upper() for part in ("PASS", "PWD", "SECRET", "TOKEN", "KEY", "URL", "HMAC"))


def _allowed(model: type[BaseModel], location: tuple[str, ...], message: str) -> str:
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
    return " and ".join(limits) if limits else message.removeprefix("Input should be ")
