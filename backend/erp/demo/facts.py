"""Names, frequencies and base times that the generator starts from; they live in plant_facts.json."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from backend.erp.demo.array_types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """One column of BI_ITEM_INFO_VIEW with its shares of NULL and of empty text."""

    name: str
    null_rate: float
    empty_rate: float
    numeric: bool


@dataclass(frozen=True, slots=True)
class PartType:
    """One PART_TYPE with its PartNm, the process class it belongs to and how often it occurs."""

    code: str
    name: str
    part_class: str
    weight: float


@dataclass(frozen=True, slots=True)
class PartClass:
    """What part types of one process class have in common."""

    name: str
    account: str
    unit: str
    group: str
    group1: list[str]
    lot_median: float
    outer_diameter_median: float
    """mm; 0 where the ERP keeps no diameter for such parts."""
    outer_diameter_sigma: float
    seal_type_rate: float
    item_spec: list[str]
    additional_spec: list[str]
    materials: list[str]
    """Material groups that such parts are made of."""


@dataclass(frozen=True, slots=True)
class Material:
    """One ITEM_MATERIAL with its description and group."""

    code: str
    description: str
    group: str
    weight: float


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: names, usual place in a routing, who does it, base minutes and what they depend on."""

    code: str
    key: str
    name_ko: str
    name_en: str
    stage: int
    in_house_group: str
    outsourced_group: str | None
    setup_minutes: float
    run_minutes: float
    size_exponent: float
    material_sensitivity: float


@dataclass(frozen=True, slots=True)
class WorkCentreGroup:
    """Interchangeable machines, or subcontractors of one trade."""

    name: str
    machines: int
    outsourced: bool


@dataclass(frozen=True, slots=True)
class Finish:
    """One GROUP2 code and the finishing option that it stands for."""

    code: str
    option: str
    weight: float


@dataclass(frozen=True)
class Facts:
    """Everything in plant_facts.json, typed."""

    columns: tuple[ItemColumn, ...]
    part_types: tuple[PartType, ...]
    part_classes: tuple[PartClass, ...]
    materials: tuple[Material, ...]
    hardness: dict[str, float]
    """Per material group; 0 is mild steel."""
    finishes: tuple[Finish, ...]
    seal_types: tuple[str, ...]
    seal_type_weights: FloatArray
    operations: tuple[Operation, ...]
    work_centre_groups: tuple[WorkCentreGroup, ...]
    item_groups: dict[str, str]
    raw_material_names: dict[str, str]
    choices: dict[str, dict[str, float]]
    inch_share: dict[str, float]

    def class_index(self, name: str) -> int:
        """Return the position of a process class."""
        return [part_class.name for part_class in self.part_classes].index(name)

    def operation_index(self, key: str) -> int:
        """Return the position of an operation, by its three-letter key."""
        return [operation.key for operation in self.operations].index(key)

    @property
    def class_of_part_type(self) -> IntArray:
        """Positions of the process classes, one per part type."""
        return np.array([self.class_index(part_type.part_class) for part_type in self.part_types])

    @property
    def group_of_material(self) -> IntArray:
        """Positions of the material groups, one per material."""
        groups = list(self.hardness)
        return np.array([groups.index(material.group) for material in self.materials])

    def material_group_index(self, name: str) -> int:
        """Return the position of a material group."""
        return list(self.hardness).index(name)


@cache
def load_facts() -> Facts:
    """Read plant_facts.json once."""
    text = resources.files("backend.erp.demo").joinpath("plant_facts.json").read_text(encoding="utf-8")
    raw: dict[str, Any] = json.loads(text)
    return Facts(
        columns=tuple(ItemColumn(**row) for row in raw["columns"]),
        part_types=tuple(PartType(**row) for row in raw["part_types"]),
        part_classes=tuple(PartClass(**row) for row in raw["part_classes"]),
        materials=tuple(Material(**row) for row in raw["materials"]),
        hardness={row["name"]: row["hardness"] for row in raw["material_groups"]},
        finishes=tuple(Finish(**row) for row in raw["finishes"]),
        seal_types=tuple(row["code"] for row in raw["seal_types"]),
        seal_type_weights=np.array([row["weight"] for row in raw["seal_types"]], dtype=float),
        operations=tuple(Operation(**row) for row in raw["operations"]),
        work_centre_groups=tuple(WorkCentreGroup(**row) for row in raw["work_centre_groups"]),
        item_groups=raw["item_groups"],
        raw_material_names=raw["raw_material_names"],
        choices=raw["choices"],
        inch_share=raw["inch_share"],
    )
