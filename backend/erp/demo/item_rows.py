"""Items as rows of BI_ITEM_INFO_VIEW: its 41 columns and CREATE_DATE."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from backend.erp.demo.array_types import BoolArray, FloatArray, IntArray
from backend.erp.demo.block_truth import BlockTruth
from backend.erp.demo.calendar_minutes import timestamp_text
from backend.erp.demo.facts import Facts
from backend.erp.demo.families import Families, pick
from backend.erp.demo.item_traits import ItemTraits
from backend.erp.demo.streams import Purpose, random_stream

MM_PER_INCH: Final = 25.4
NAMELESS_CLASSES: Final = ("assembly", "kit", "bar", "misc")
ALWAYS_KEPT: Final = frozenset(
    {"ITEM_CD", "PART_TYPE", "PartNm", "ITEM_MATERIAL", "GROUP2", "IN_SEALTYPE_CD", "OUT_SEALTYPE_CD", "ITEM_SUFFIX",
     "OUTDIAMETER", "INDIAMETER", "OUTTHICKNESS", "OUTDIAMETER_UNIT", "IN_SEALSIZE", "IN_SEALSIZE_UOM",
     "OUT_SEALSIZE", "OUT_SEALSIZE_UOM", "SealTypeGrup", "ROTATE_CTRCLOCKWISE", "GROUP3", "RAW_MATL_KIND",
     "RAW_MATL_KINDNM", "DRAW_USE", "ITEM_NM_ENG", "MID_SEALTYPE_CD", "MID_SEALSIZE", "MID_SEALSIZE_UOM"}
)  # fmt: skip
"""Columns whose gaps mean something or are made where the column is made."""


@dataclass(frozen=True, slots=True)
class _Source:
    facts: Facts
    families: Families
    traits: ItemTraits
    codes: pl.Series
    first_item: int
    rng: np.random.Generator

    def chance(self, probability: float) -> BoolArray:
        return np.asarray(self.rng.random(self.traits.count) < probability)

    def choose(self, column: str) -> pl.Series:
        options = self.facts.choices[column]
        chosen = pick(self.rng, np.array(list(options.values()), dtype=float), self.traits.count)
        return pl.Series(list(options)).gather(chosen)

    def by_class(self, values: list[str]) -> pl.Series:
        return pl.Series(values).gather(self.traits.part_class)


def make_item_rows(truth: BlockTruth) -> pl.DataFrame:
    """Return the rows of a block's items in the ERP's column order."""
    rng = random_stream(truth.plant.options.seed, Purpose.ITEM_TEXT, truth.block.stream)
    traits = truth.traits
    source = _Source(
        truth.plant.parameters.facts, truth.plant.families, traits, truth.codes, truth.block.first_item, rng
    )
    values = _names(source) | _groups(source) | _drawing(source) | _dimensions(source) | _seals(source)
    columns = {c.name: _with_gaps(source, values[c.name], c.null_rate, c.empty_rate) for c in source.facts.columns}
    return pl.DataFrame(columns | {"CREATE_DATE": timestamp_text(traits.created_minute)})


def _with_gaps(source: _Source, values: pl.Series, null_rate: float, empty_rate: float) -> pl.Series:
    """Lose values at the rates of the real plant, as NULL and as empty text."""
    if values.name in ALWAYS_KEPT:
        return values
    luck = source.rng.random(len(values))
    if values.name == "ITEM_SPEC":  # a vessel's size is nowhere else
        vessels = [source.facts.class_index("reservoir"), source.facts.class_index("cooler")]
        luck[np.isin(source.traits.part_class, vessels)] = 1.0
    if values.dtype == pl.String:
        values = values.set(pl.Series((luck >= null_rate) & (luck < null_rate + empty_rate)), "")
    return values.set(pl.Series(luck < null_rate), None)


def _named(columns: dict[str, pl.Series]) -> dict[str, pl.Series]:
    return {name: values.alias(name) for name, values in columns.items()}


def _names(source: _Source) -> dict[str, pl.Series]:
    facts, traits = source.facts, source.traits
    part_names = pl.Series([p.name for p in facts.part_types]).gather(traits.part_type)
    description = pl.Series([m.description for m in facts.materials]).gather(traits.material)
    nameless = np.isin(traits.part_class, [facts.class_index(name) for name in NAMELESS_CLASSES])
    kit = (traits.part_class == facts.class_index("kit")) & source.chance(0.85)
    suffix = np.select([traits.is_repair, kit, source.chance(0.01)], ["R", "KIT", "N"], "")
    specification = pl.DataFrame({"c": traits.part_class, "s": traits.specification}).join(
        _class_texts(facts, "item_spec"), on=["c", "s"], how="left", maintain_order="left"
    )["text"]
    additional = pl.DataFrame({"c": traits.part_class, "s": source.families.specification[traits.family] % 2}).join(
        _class_texts(facts, "additional_spec"), on=["c", "s"], how="left", maintain_order="left"
    )["text"]
    return _named(
        {
            "ITEM_CD": source.codes,
            "PART_TYPE": pl.Series([p.code for p in facts.part_types]).gather(traits.part_type),
            "PartNm": part_names,
            "ITEM_SUFFIX": pl.Series(suffix.tolist()),
            "ITEM_SPEC": specification.set(pl.Series(traits.is_repair), "Repair/K-(수리)"),
            "ITEM_NM": pl.Series(np.where(nameless, "", (description + " ").to_numpy()).tolist()) + part_names,
            "ADDITIONAL_SPEC": additional.set(pl.Series(traits.is_standard), "(표준설계)"),
            "ITEM_MATERIAL": pl.Series([m.code for m in facts.materials]).gather(traits.material),
            "MATERIAL_DESC": description,
            "ITEM_NM_ENG": pl.Series([None] * traits.count, dtype=pl.String),
        }
    )


def _class_texts(facts: Facts, attribute: str) -> pl.DataFrame:
    rows = [
        (number, position, text)
        for number, part_class in enumerate(facts.part_classes)
        for position, text in enumerate(getattr(part_class, attribute))
    ]
    return pl.DataFrame(rows, schema={"c": pl.Int64, "s": pl.Int64, "text": pl.String}, orient="row")


def _groups(source: _Source) -> dict[str, pl.Series]:
    facts, traits = source.facts, source.traits
    classes = facts.part_classes
    item_type = {"oring": "P4", "gasket": "P4", "face": "C4", "bar": "BR", "bellows": "SB"}
    group1 = [c.group1[0] for c in classes]
    second = [c.group1[-1] for c in classes]
    prefers_second = (source.families.specification[traits.family] % 3 == 0).tolist()
    finish = pl.Series([f.code for f in facts.finishes]).gather(np.maximum(traits.finish, 0))
    raw = source.choose("RAW_MATL_KIND")
    has_raw = pl.Series(source.chance(0.03) | (traits.part_class == facts.class_index("bar")))
    nothing = pl.Series(np.where(source.chance(0.1), "", "-").tolist()).replace("", None).replace("-", "")
    return _named(
        {
            "ITEM_ACCT": source.by_class([c.account for c in classes]),
            "ITEM_TYPE": source.by_class([item_type.get(c.name, "M1") for c in classes]),
            "ITEM_UNIT": source.by_class([c.unit for c in classes]),
            "ITEM_GRP1": source.by_class([c.group for c in classes]),
            "ITEM_GRP1NM": source.by_class([facts.item_groups[c.group] for c in classes]),
            "STANDARD_YN": pl.Series(np.where(traits.is_standard, "Y", "N").tolist()),
            "GROUP1": source.by_class(group1).zip_with(~pl.Series(prefers_second), source.by_class(second)),
            "GROUP2": finish.set(pl.Series(traits.finish < 0), "").set(
                pl.Series((traits.finish < 0) & source.chance(0.45)), None
            ),
            "GROUP3": source.choose("GROUP3").set(pl.Series(~source.chance(0.0094)), None),
            "RAW_MATL_KIND": raw.zip_with(has_raw, nothing),
            "RAW_MATL_KINDNM": raw.replace_strict(facts.raw_material_names).set(~has_raw, None),
        }
    )


def _drawing(source: _Source) -> dict[str, pl.Series]:
    traits = source.traits
    prefixes = pl.Series(["1K-", "2K-", "1D-", "2CPD-", "2CPK-"])
    drawing = prefixes.gather(traits.family % 5) + pl.Series(10_000 + traits.family).cast(pl.String)
    own = pl.Series((np.arange(traits.count) + source.first_item) % 100).cast(pl.String).str.zfill(2)
    return _named(
        {
            "DRAW_NO": drawing.zip_with(pl.Series(source.chance(0.35)), drawing + "-" + own),
            "DRAW_REV": source.choose("DRAW_REV"),
            "DRAW_SHEET_NO": source.choose("DRAW_SHEET_NO"),
            "DRAW_USE": pl.Series([None] * traits.count, dtype=pl.String),
        }
    )


def _unit(millimetres: FloatArray, in_inches: BoolArray) -> pl.Series:
    return pl.Series(np.round(np.where(in_inches, millimetres / MM_PER_INCH, millimetres), 3))


def _dimensions(source: _Source) -> dict[str, pl.Series]:
    traits, size = source.traits, source.traits.size_mm
    kept = np.array([c.outer_diameter_median > 0 for c in source.facts.part_classes])[traits.part_class]
    kept &= ~((traits.seal_type >= 0) & source.chance(0.2) & ~traits.named)
    inches = source.chance(source.facts.inch_share["OUTDIAMETER"])
    bore = 0.62 + 0.2 * source.rng.random(traits.count)
    thickness = 0.12 + 0.2 * source.rng.random(traits.count)
    unit = np.select([~kept, inches, source.chance(0.05)], ["", "INCH", "mm"], "MM")
    rotation = 1 + source.chance(0.4765).astype(np.int64)
    counter = pl.Series((3 - rotation).astype(float)).set(pl.Series(~source.chance(0.2345)), None)
    return _named(
        {
            "OUTDIAMETER": _unit(np.where(kept, size, 0.0), inches),
            "INDIAMETER": _unit(np.where(kept, size * bore, 0.0), inches),
            "OUTTHICKNESS": _unit(np.where(kept, size * thickness, 0.0), inches),
            "OUTDIAMETER_UNIT": pl.Series(unit.tolist()),
            "ROTATE_CLOCKWISE": pl.Series(rotation.astype(float)),
            "ROTATE_CTRCLOCKWISE": counter,
        }
    )


def _seal_size(source: _Source, column: str, present: BoolArray, ratio: float, gap: float) -> dict[str, pl.Series]:
    inches = source.chance(source.facts.inch_share.get(column, 0.0))
    unit = pl.Series(np.select([~present, inches], ["", "INCH"], "MM").tolist())
    missing = pl.Series(~present & source.chance(gap))
    size = _unit(np.where(present, source.traits.size_mm * ratio, 0.0), inches)
    return {column: size.set(missing, None), f"{column}_UOM": unit.set(missing, None)}


def _seals(source: _Source) -> dict[str, pl.Series]:
    traits = source.traits
    inner, outer = _seal_code(source, traits.seal_type, 0.01), _seal_code(source, traits.outer_seal_type, 0.08)
    nobody = np.zeros(traits.count, dtype=bool)
    grouped = pl.Series((traits.seal_type >= 0) & source.chance(0.25))
    return _named(
        {
            "SealTypeGrup": inner.zip_with(grouped, pl.Series([None] * traits.count, dtype=pl.String)),
            "IN_SEALTYPE_CD": inner,
            "MID_SEALTYPE_CD": _seal_code(source, np.full(traits.count, -1), 0.11),
            "OUT_SEALTYPE_CD": outer,
        }
        | _seal_size(source, "IN_SEALSIZE", traits.seal_type >= 0, 0.7, 0.012)
        | _seal_size(source, "MID_SEALSIZE", nobody, 0.0, 0.11)
        | _seal_size(source, "OUT_SEALSIZE", traits.outer_seal_type >= 0, 0.6, 0.08)
    )


def _seal_code(source: _Source, seal_type: IntArray, gap: float) -> pl.Series:
    codes = pl.Series(source.facts.seal_types).gather(np.maximum(seal_type, 0))
    absent = seal_type < 0
    return codes.set(pl.Series(absent), "").set(pl.Series(absent & source.chance(gap)), None)
