"""Plant profiles: a folder of three SQL files and profile.yaml maps one ERP onto the canonical tables."""

import codecs
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from backend.erp.export_columns import ExportColumn
from backend.erp.time_units import TimeUnit
from backend.errors import ProfileError

TABLES: Final = ("items", "routings", "work_orders")

_IDENTIFIER: Final = r"^[A-Za-z_][A-Za-z0-9_ .]{0,127}$"
Identifier = Annotated[str, Field(pattern=_IDENTIFIER)]


def _as_words(value: Any) -> Any:
    """Read YAML scalars such as 0, 9999 and true as the words they are written as."""
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)


Words = Annotated[tuple[str, ...], BeforeValidator(_as_words)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Label(_Strict):
    """What people call an attribute, by language."""

    ko: str
    en: str


class AttributeRule(_Strict):
    """How one column of items.sql is read."""

    kind: Literal["categorical", "numeric", "text", "ignore"]
    unit_column: str | None = None
    """The column of items.sql that says INCH, MM …; the values become millimetres."""
    default_unit: str = "mm"
    """What a blank unit beside a value means."""
    missing: Words = ()
    """Further values that mean none, for this attribute only."""
    label: Label | None = None
    unit: str | None = Field(default=None, max_length=20)
    """What the numbers are measured in, for people; with a unit_column it is mm."""

    @property
    def shown_unit(self) -> str | None:
        """Return the unit of the values as they are read."""
        return "mm" if self.unit_column else self.unit

    @field_validator("label", mode="before")
    @classmethod
    def _one_for_all(cls, value: Any) -> Any:
        """Let `label: Bore` stand for the same in every language."""
        return {"ko": value, "en": value} if isinstance(value, str) else value


class RoutingTimes(_Strict):
    """The units of the routing times as the ERP stores them."""

    setup_minutes: TimeUnit = "minutes"
    run_minutes_per_unit: TimeUnit = "minutes"


class WorkOrderTimes(_Strict):
    """The units of the work-order times as the ERP stores them."""

    setup_minutes: TimeUnit = "minutes"
    run_minutes: TimeUnit = "minutes"
    planned_setup_minutes: TimeUnit = "minutes"
    planned_run_minutes: TimeUnit = "minutes"


class Limits(_Strict):
    """What is absurd at this plant."""

    max_minutes: float | None = Field(default=None, gt=0)
    """Set-up or run of one operation and lot; None: see ProfileFile.max_minutes()."""
    max_quantity: float = Field(default=10_000_000, gt=0)


class ImportedTable(_Strict):
    """One table that `routing-ml import` makes."""

    files: tuple[str, ...] = Field(min_length=1)
    """File names without ending, any case, `*` allowed; several matching files are put together."""


class ImportRules(_Strict):
    """Which files make which tables, for `routing-ml import`."""

    tables: dict[Identifier, ImportedTable] = Field(min_length=1)
    encoding: str | None = None
    """Of CSV files, such as cp1252; by itself UTF-8 and CP949 are read."""
    decimal_comma: bool = False
    """Whether CSV files write 1.234,5 for 1234.5."""
    counts: dict[str, str] = {}
    """What an import counts and tells: words → one SELECT of one number; "work orders" at least."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        try:
            codecs.lookup(value or "utf-8")
        except LookupError as error:
            raise ValueError("Input should be the name of a text encoding such as cp1252") from error
        return value


class IndexRule(_Strict):
    """An index that `scripts/migrate_database.py` makes sure of."""

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")
    table: Identifier
    columns: tuple[Identifier, ...] = Field(min_length=1)


class ProfileFile(_Strict):
    """The keys of profile.yaml."""

    description: str
    time_zone: str = "UTC"
    whole_days: bool = False
    """Whether started_at and finished_at are days without a time, of which the last was worked on too."""
    schemas: tuple[str, ...] = ()
    """Database schemas that the SQL names (Production.Product); the embedded plant answers to them."""
    missing_values: Words = ("", "nan", "null", "none")
    """Texts and numbers that mean none, in any case."""
    date_formats: tuple[str, ...] = ()
    """strptime formats tried after ISO 8601."""
    open_end_dates: tuple[date, ...] = (date(2999, 12, 31), date(9999, 12, 31))
    in_house_values: Words = ("사내", "Y", "1", "true", "in-house")
    outsourced_values: Words = ("외주", "N", "0", "false", "outsourced")
    outsourced_work_centre: str | None = None
    """The work centre of an outsourced operation that names none."""
    routing_times: RoutingTimes = RoutingTimes()
    work_order_times: WorkOrderTimes = WorkOrderTimes()
    limits: Limits = Limits()
    attributes: dict[str, AttributeRule] = {}
    search_columns: tuple[str, ...] = ()
    """Columns of items.sql that a search looks into, beside the item code."""
    import_: ImportRules | None = Field(default=None, alias="import")
    indexes: tuple[IndexRule, ...] = ()
    export: tuple[ExportColumn, ...] = ()
    """The ERP's own layout of routings; none: that of routings.sql."""

    def max_minutes(self, *, by_the_clock: bool = False) -> float:
        """Return the profile's limit, else 100,000 (69 days), or 2,000,000 where times come in days or by the clock."""
        units = (*self.routing_times.model_dump().values(), *self.work_order_times.model_dump().values())
        return self.limits.max_minutes or (2_000_000.0 if by_the_clock or "days" in units else 100_000.0)

    @field_validator("attributes", mode="before")
    @classmethod
    def _kind_alone(cls, value: Any) -> Any:
        """Let `PART_TYPE: categorical` stand for `PART_TYPE: {kind: categorical}`."""
        if not isinstance(value, dict):
            return value
        return {name: {"kind": rule} if isinstance(rule, str) else rule for name, rule in value.items()}

    @field_validator("export")
    @classmethod
    def _different_names(cls, value: tuple[ExportColumn, ...]) -> tuple[ExportColumn, ...]:
        if len({column.column for column in value}) < len(value):
            raise ValueError("Input should name every column once")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("Input should be a time zone name such as Asia/Seoul") from error
        return value


@dataclass(frozen=True)
class PlantProfile:
    """One loaded profile: its SQL by canonical table and its rules."""

    name: str
    folder: Path
    sql: dict[str, str]
    rules: ProfileFile


def load_profile(folder: Path) -> PlantProfile:
    """Read and check one profile folder; raises ProfileError naming every key it cannot honour."""
    if not (folder / "profile.yaml").is_file():
        known = sorted(path.parent.name for path in folder.parent.glob("*/profile.yaml"))
        remedy = f"profiles here: {', '.join(known) or 'none'}; docs/plant-profiles.md says how to write one"
        raise ProfileError(folder.name, f"{folder / 'profile.yaml'} does not exist", remedy)
    rules = _read_rules(folder)
    return PlantProfile(folder.name, folder, {table: _read_sql(folder, table) for table in TABLES}, rules)


def _read_rules(folder: Path) -> ProfileFile:
    try:
        content = YAML(typ="safe").load((folder / "profile.yaml").read_text(encoding="utf-8"))
        return ProfileFile.model_validate(content)
    except (YAMLError, UnicodeDecodeError) as error:
        raise ProfileError(folder.name, f"profile.yaml is not valid YAML: {error}", "Correct the file") from error
    except ValidationError as error:
        raise ProfileError(folder.name, _describe(error), "docs/plant-profiles.md lists the keys") from error


def _describe(error: ValidationError) -> str:
    problems = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"]) or "(file)"
        unknown = problem["type"] == "extra_forbidden"
        problems.append(f"unknown key {key}" if unknown else f"{key} = {problem['input']!r}: {problem['msg']}")
    return "profile.yaml: " + "; ".join(problems)


def _read_sql(folder: Path, table: str) -> str:
    path = folder / f"{table}.sql"
    if not path.is_file():
        raise ProfileError(folder.name, f"{path.name} is missing", "A profile needs one SELECT per canonical table")
    sql = _without_comments(path.read_text(encoding="utf-8")).strip().rstrip(";").rstrip()
    bare = re.sub(r"'[^']*'", " ", sql)
    if not re.match(r"\s*SELECT\b", bare, re.IGNORECASE):
        raise ProfileError(
            folder.name, f"{path.name} does not start with SELECT", "WITH cannot be wrapped; use FROM (…)"
        )
    if ";" in bare:
        raise ProfileError(folder.name, f"{path.name} holds more than one statement", "Keep one SELECT")
    return sql


def _without_comments(sql: str) -> str:
    """Drop comments: one on the last line would swallow the parenthesis that wraps the query."""
    literal_or_comment = r"('[^']*'|\"[^\"]*\")|--[^\n]*|/\*.*?\*/"
    return re.sub(literal_or_comment, lambda match: match[1] or " ", sql, flags=re.DOTALL)
