"""The hidden rules that give every item its operations, in order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from backend.erp.demo.array_types import BoolArray, FloatArray
from backend.erp.demo.facts import Facts
from backend.erp.demo.habits import habit_index
from backend.erp.demo.item_traits import ItemTraits

LONGEST_ROUTING: Final = 12
EXTRA_TEST_PROBABILITY: Final = 0.035
"""Chance that an item gets a non-destructive test that nothing explains."""
SMALL_MM: Final = 45.0
LARGE_MM: Final = 120.0
EXTRA_LARGE_MM: Final = 200.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a rule's condition may ask about the items of a block."""

    facts: Facts
    traits: ItemTraits

    def material(self, *groups: str) -> BoolArray:
        """Tell which items are made of one of the material groups."""
        wanted = [self.facts.material_group_index(group) for group in groups]
        return np.isin(self.traits.material_group, wanted)

    def finish(self, option: str) -> BoolArray:
        """Tell which items carry a finishing option."""
        has_option = np.array([finish.option == option for finish in self.facts.finishes])
        return np.asarray((self.traits.finish >= 0) & has_option[self.traits.finish])

    def habit(self, name: str) -> BoolArray:
        """Tell which items follow a habit."""
        return np.asarray(self.traits.habits[:, habit_index(name)])

    def seal(self, *groups: int) -> BoolArray:
        """Tell which items belong to one of the hidden seal groups."""
        return np.isin(self.traits.seal_group, groups)

    @property
    def extra_large(self) -> BoolArray:
        """Tell which items need the large machines."""
        return self.traits.size_mm > EXTRA_LARGE_MM

    @property
    def large(self) -> BoolArray:
        """Tell which items are large."""
        return self.traits.size_mm > LARGE_MM

    @property
    def repair(self) -> BoolArray:
        """Tell which items are repairs of used parts."""
        return self.traits.is_repair

    @property
    def double_seal(self) -> BoolArray:
        """Tell which items have an outer seal too."""
        return self.traits.outer_seal_type >= 0

    @property
    def every(self) -> BoolArray:
        """Return all items."""
        return np.ones(self.traits.count, dtype=bool)


Condition: TypeAlias = Callable[[Look], BoolArray]


@dataclass(frozen=True, slots=True)
class Rule:
    """Items of the classes that meet the condition get the operation."""

    operation: str
    classes: str
    condition: Condition


def _every(look: Look) -> BoolArray:
    return look.every


RULES: Final = (
    Rule("INC", "oring bar misc", _every),
    Rule("KIT", "assembly kit", _every),
    Rule("DIS", "assembly kit gland sleeve face", lambda look: look.repair),
    Rule("SAW", "gland sleeve collar bushing bar", lambda look: ~look.repair),
    Rule("LAS", "reservoir cooler gasket", _every),
    Rule("PRS", "face", lambda look: look.material("ceramic")),
    Rule("SIN", "face", lambda look: look.material("ceramic")),
    Rule("RTN", "gland sleeve", lambda look: ~look.extra_large & ~look.repair),
    Rule("RTN", "collar", lambda look: look.large & ~look.extra_large),
    Rule("RTN", "body", lambda look: ~look.extra_large),
    Rule("VTL", "gland sleeve body collar", lambda look: look.extra_large),
    Rule("FTN", "gland sleeve collar bushing misc", lambda look: ~look.habit("turn_mill")),
    Rule("FTN", "bellows body", _every),
    Rule("FTN", "face", lambda look: look.material("carbon", "stainless")),
    Rule("TML", "gland sleeve collar bushing misc", lambda look: look.habit("turn_mill")),
    Rule("MIL", "gland", lambda look: ~look.habit("turn_mill") & look.double_seal),
    Rule("MIL", "body", _every),
    Rule("DRL", "gland collar", _every),
    Rule("DRL", "body", lambda look: look.material("stainless")),
    Rule("EDM", "face", lambda look: look.seal(1, 4) & look.material("ceramic", "carbide")),
    Rule("SLT", "sleeve", lambda look: look.seal(2, 5)),
    Rule("SRL", "body bellows", lambda look: look.habit("stress_relief")),
    Rule("HTR", "gland sleeve collar", lambda look: look.material("hardened")),
    Rule("TIG", "reservoir cooler bellows", _every),
    Rule("TIG", "gland", lambda look: look.seal(3, 6) & look.large),
    Rule("BWD", "bellows", _every),
    Rule("PIC", "reservoir cooler", lambda look: look.material("stainless", "mixed")),
    Rule("BLS", "reservoir cooler body", lambda look: look.material("steel")),
    Rule("PNT", "reservoir cooler body", lambda look: look.material("steel")),
    Rule("CGR", "sleeve", _every),
    Rule("CGR", "face", lambda look: look.habit("grind_outside")),
    Rule("IGR", "sleeve face bushing", lambda look: look.habit("grind_bore")),
    Rule("SGR", "face", lambda look: look.material("ceramic", "carbide")),
    Rule("LAP", "face", _every),
    Rule("POL", "gland face", lambda look: look.finish("polished")),
    Rule("FLT", "face", _every),
    Rule("HVF", "sleeve face", lambda look: look.finish("coated") & look.material("stainless", "alloy", "hardened")),
    Rule("PLT", "gland sleeve collar", lambda look: look.finish("plated")),
    Rule("PAS", "gland", lambda look: look.finish("coated") & look.material("stainless")),
    Rule("IMP", "face bushing", lambda look: look.material("carbon")),
    Rule("MRK", "gland sleeve collar face body", _every),
    Rule("CLN", "gland sleeve collar face body bellows bushing", _every),
    Rule("CLN", "oring kit", lambda look: look.habit("clean")),
    Rule("DBR", "gland sleeve collar gasket body", lambda look: look.habit("deburr")),
    Rule("SHF", "bushing", lambda look: look.habit("sub_assembly")),
    Rule("SUB", "assembly kit reservoir", lambda look: look.habit("sub_assembly")),
    Rule("BAL", "assembly collar", lambda look: look.habit("balance")),
    Rule("ASM", "assembly reservoir", _every),
    Rule("LEK", "assembly bellows", _every),
    Rule("HYD", "reservoir cooler body", _every),
    Rule("HYD", "assembly", lambda look: look.double_seal),
    Rule("NDT", "reservoir cooler bellows body", lambda look: look.habit("non_destructive_test")),
    Rule("DIM", "gland sleeve collar bushing", _every),
    Rule("INS", "assembly reservoir cooler bellows body", _every),
    Rule("INS", "kit oring gasket bar misc", lambda look: look.habit("final_inspection")),
    Rule("PCK", "assembly kit reservoir cooler oring gasket", _every),
)


def required_operations(facts: Facts, traits: ItemTraits) -> BoolArray:
    """Return (item, operation): what rules and habits ask for."""
    look = Look(facts, traits)
    presence = np.zeros((traits.count, len(facts.operations)), dtype=bool)
    for rule in RULES:
        classes = [facts.class_index(name) for name in rule.classes.split()]
        presence[:, facts.operation_index(rule.operation)] |= np.isin(traits.part_class, classes) & rule.condition(look)
    return presence


def operation_ranks(facts: Facts, traits: ItemTraits) -> FloatArray:
    """Return (item, operation) places in the routing; smaller comes first."""
    look = Look(facts, traits)
    stages = np.array([operation.stage for operation in facts.operations], dtype=float)
    ranks = np.tile(stages, (traits.count, 1))
    marking, washing = facts.operation_index("MRK"), facts.operation_index("CLN")
    ranks[look.habit("clean_before_marking"), marking] = stages[washing] + 0.5
    treating, turning = facts.operation_index("HTR"), facts.operation_index("RTN")
    ranks[look.large, treating] = stages[turning] - 2
    coating, grinding = facts.operation_index("HVF"), facts.operation_index("CGR")
    ranks[traits.size_mm < SMALL_MM, coating] = stages[grinding] - 1
    return ranks


def extra_test_applies(facts: Facts, required: BoolArray, traits: ItemTraits) -> BoolArray:
    """Tell which items may get the unexplained test."""
    test = facts.operation_index("NDT")
    faces_habit = traits.habit_applies[:, habit_index("non_destructive_test")]
    return np.asarray(~faces_habit & ~required[:, test] & (required.sum(axis=1) < LONGEST_ROUTING))
