"""The installation's settings: .env and config/iter_training.yaml as frozen, checked values."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from dotenv import dotenv_values
from pydantic import BaseModel, Field, ValidationError
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from backend.config_keys import Frozen, IterTrainingConfig
from backend.errors import WHOLE_FILE, SettingError
from backend.yaml_words import yaml_problem

SOURCE_ROOT: Final = Path(__file__).resolve().parent.parent
"""Where the checked-out files are: migrations, shipped plant profiles, the example config."""

PROJECT_ROOT: Final = Path(os.environ.get("ROUTING_ML_ROOT") or SOURCE_ROOT).resolve()
"""Where this installation keeps its state; every path hangs off it, never off the cwd."""

CONFIG_FILE: Final = Path("config/iter_training.yaml")
EXAMPLE_FILE: Final = Path("config/iter_training.yaml.example")

ModelT = TypeVar("ModelT", bound=BaseModel)


class Environment(Frozen):
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


class Settings(Frozen):
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
    with _readable(".env"):
        from_file = {key: value for key, value in dotenv_values(root / ".env").items() if value}
    from_process = {key: os.environ[key] for key in Environment.model_fields if os.environ.get(key)}
    return _validated(Environment, from_file | from_process, ".env")


def read_config(path: Path) -> IterTrainingConfig:
    """Read one iter_training.yaml; raises SettingError where it cannot be honoured."""
    with _readable(path.name):
        data = path.read_bytes() if path.exists() else None
    return IterTrainingConfig() if data is None else parse_config(data, path.name)


@contextmanager
def _readable(source: str) -> Iterator[None]:
    """Turn what keeps a file from being read into a refused setting."""
    try:
        yield
    except OSError as error:
        allowed = "a file that the user who runs this may read (chmod u+r; see who owns it and its folder)"
        raise SettingError(source, WHOLE_FILE, error.strerror or type(error).__name__, allowed) from error


def parse_config(data: bytes, source: str) -> IterTrainingConfig:
    """Read the bytes of an iter_training.yaml; raises SettingError where they cannot be honoured."""
    try:
        text = data.decode("utf-8-sig")  # Windows' Notepad begins with a byte-order mark
    except UnicodeDecodeError as error:
        raise SettingError(source, WHOLE_FILE, "bytes that are not UTF-8", "UTF-8 text") from error
    try:
        content = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise SettingError(source, WHOLE_FILE, yaml_problem(text, error), "valid YAML") from error
    if not isinstance(content or {}, dict):
        raise SettingError(source, WHOLE_FILE, type(content).__name__, "a mapping of sections")
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
