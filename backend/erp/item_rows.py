"""Raw item rows as typed attributes: text, categories, numbers in one unit."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from backend.domain.plant import TIMESTAMP, Attribute, AttributeKind
from backend.erp.profile import AttributeRule, PlantProfile, ProfileFile
from backend.erp.quarantine import Quarantine
from backend.erp.raw_columns import RawColumns

logger = logging.getLogger(__name__)

_MILLIMETRES: Final = {
    "mm": 1.0, "㎜": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001, "µm": 0.001,
    "inch": 25.4, "in": 25.4, "inches": 25.4, '"': 25.4, "ft": 304.8,
}  # fmt: skip
SAMPLE_ROWS: Final = 20_000
"""Items that the kinds of unlisted attributes are inferred from."""
_MIN_NUMBER_SHARE: Final = 0.95
_MOST_NUMBERS_AS_CATEGORIES: Final = 20
"""More different ones are quantities; so are fewer where hardly any comes twice, as of a dozen items."""
_MAX_CATEGORY_SHARE: Final = 0.5
_MAX_CATEGORY_LENGTH: Final = 40


@dataclass(frozen=True)
class AttributePlan:
    """How each attribute column of one plant is read."""

    rules: dict[str, AttributeRule]
    inferred: dict[str, str]
    """Columns that profile.yaml does not list: what each is read as, and why."""

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes in the order of items.sql."""
        return tuple(Attribute(name, AttributeKind(rule.kind)) for name, rule in self.rules.items())


def unlisted_columns(profile: PlantProfile, columns: Sequence[str]) -> list[str]:
    """Return the columns of items.sql that profile.yaml says nothing about."""
    listed = {name.lower() for name in profile.rules.attributes} | {"item_code", "created_at"}
    listed |= {rule.unit_column.lower() for rule in profile.rules.attributes.values() if rule.unit_column}
    return [name for name in columns if name.lower() not in listed]


def plan_attributes(profile: PlantProfile, columns: Sequence[str], sample: pl.DataFrame) -> AttributePlan:
    """Take the profile's rules; infer from the sample what it does not list, and log why."""
    listed = {name.lower(): (name, rule) for name, rule in profile.rules.attributes.items()}
    unlisted = set(unlisted_columns(profile, columns))
    rules: dict[str, AttributeRule] = {}
    inferred: dict[str, str] = {}
    for column in columns:
        if column in unlisted:
            rules[column], reason = _inferred(column, sample, profile.rules)
            inferred[column] = f"{rules[column].kind} ({reason})"
            logger.info("attribute %s is not in profile.yaml; read as %s", column, inferred[column])
        elif column.lower() in listed:
            name, rule = listed[column.lower()]
            rules[name] = rule
    return AttributePlan({name: rule for name, rule in rules.items() if rule.kind != "ignore"}, inferred)


def clean_items(batch: pl.DataFrame, plan: AttributePlan, rules: ProfileFile, quarantine: Quarantine) -> pl.DataFrame:
    """Return item_code, created_at and the typed attributes of the trusted rows of one batch."""
    raw = RawColumns(batch, rules)
    created = raw.timestamp("created_at")
    quarantine.leave_out("items", "unreadable created_at", created.unreadable)
    attributes = [_attribute(raw, name, rule, quarantine).alias(name) for name, rule in plan.rules.items()]
    codes = raw.text("item_code").alias("item_code")
    frame = pl.DataFrame([codes, created.values.cast(TIMESTAMP).alias("created_at"), *attributes])
    return quarantine.sift("items", frame, [("missing item_code", frame["item_code"].is_null())])


def _attribute(raw: RawColumns, name: str, rule: AttributeRule, quarantine: Quarantine) -> pl.Series:
    if rule.kind != "numeric":
        return raw.attribute_text(name, rule.missing)
    parsed = raw.attribute_number(name, rule.missing)
    quarantine.leave_out("items", f"unreadable {name}", parsed.unreadable)
    if rule.unit_column is None:
        return parsed.values
    units = raw.text(rule.unit_column).fill_null(rule.default_unit).str.to_lowercase()
    factors = units.replace_strict(_MILLIMETRES, default=None, return_dtype=pl.Float64)
    unknown = parsed.values.is_not_null() & factors.is_null()
    quarantine.leave_out("items", f"{name} in an unknown {rule.unit_column}", unknown)
    return parsed.values * factors


def _inferred(column: str, sample: pl.DataFrame, rules: ProfileFile) -> tuple[AttributeRule, str]:
    raw = RawColumns(sample, rules)
    kind, reason = _kind_of(raw.attribute_text(column, ()), raw.attribute_number(column, ()).values)
    return AttributeRule.model_validate({"kind": kind}), reason


def _kind_of(values: pl.Series, as_numbers: pl.Series) -> tuple[str, str]:
    words, numbers = values.drop_nulls(), as_numbers.drop_nulls()
    if words.is_empty():
        return "ignore", "it is empty"
    distinct = words.n_unique()
    mostly_different = distinct > _MAX_CATEGORY_SHARE * len(words)
    is_numeric = len(numbers) >= _MIN_NUMBER_SHARE * len(words)
    many = distinct > _MOST_NUMBERS_AS_CATEGORIES or mostly_different
    if is_numeric and many:
        return "numeric", f"{len(numbers)} of {len(words)} values are numbers, {distinct} distinct"
    length = float(words.str.len_chars().to_physical().cast(pl.Float64).sum()) / len(words)
    hint = _nearly_numbers(len(numbers), values.filter(as_numbers.is_null()).drop_nulls()) if many else ""
    if mostly_different or length > _MAX_CATEGORY_LENGTH:
        return "text", f"{distinct} distinct among {len(words)} values, {length:.0f} characters on average{hint}"
    return "categorical", f"{distinct} distinct among {len(words)} values{hint}"


def _nearly_numbers(numbers: int, others: pl.Series) -> str:
    """Say so where but for one word, such as n/a, the values are numbers."""
    if numbers <= len(others):
        return ""
    word, count = others.value_counts(sort=True).row(0)
    if numbers < _MIN_NUMBER_SHARE * (numbers + len(others) - count):
        return ""
    return f"; {numbers} are numbers and {count} are {word!r}: if that means none, list it in missing_values"
