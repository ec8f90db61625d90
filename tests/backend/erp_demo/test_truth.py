"""What the generator claims about its own plant is true."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.erp.demo.block_truth import BlockTruth, Plant
from backend.erp.demo.drift import machine_steps
from backend.erp.demo.families import draw_families
from backend.erp.demo.generating import block_truth, first_span, make_plant, work_order_table
from backend.erp.demo.habits import HABITS
from backend.erp.demo.item_traits import ItemTraits
from backend.erp.demo.noise_floor import NoiseFloor
from backend.erp.demo.options import DemoOptions, DemoSummary, DriftScenario
from backend.erp.demo.plant_parameters import draw_plant_parameters
from backend.erp.demo.routing_rules import operation_ranks, required_operations


@pytest.fixture(scope="module")
def plant() -> Plant:
    return make_plant(DemoOptions(items=4_000, seed=11))


@pytest.fixture(scope="module")
def truth(plant: Plant) -> BlockTruth:
    return block_truth(plant, plant.blocks[0])


def sequences(plant: Plant, traits: ItemTraits) -> list[tuple[int, ...]]:
    facts = plant.parameters.facts
    presence, ranks = required_operations(facts, traits), operation_ranks(facts, traits)
    return [
        tuple(sorted(np.flatnonzero(row).tolist(), key=lambda operation: rank[operation]))
        for row, rank in zip(presence, ranks, strict=True)
    ]


@pytest.mark.parametrize("habit", range(len(HABITS)), ids=[habit.name for habit in HABITS])
def test_every_habit_changes_every_sequence_it_applies_to(plant: Plant, truth: BlockTruth, habit: int) -> None:
    traits = truth.traits
    flipped = traits.habits.copy()
    flipped[:, habit] ^= traits.habit_applies[:, habit]
    before, after = sequences(plant, traits), sequences(plant, replace(traits, habits=flipped))
    differs = np.array([one != other for one, other in zip(before, after, strict=True)])
    assert traits.habit_applies[:, habit].any()
    np.testing.assert_array_equal(differs, traits.habit_applies[:, habit])


def test_who_knows_the_families_habits_reaches_the_exact_match_ceiling(plant: Plant, truth: BlockTruth) -> None:
    traits = truth.traits
    usual = plant.families.habits[traits.family] & traits.habit_applies
    expected = sequences(plant, replace(traits, habits=usual))
    starts = truth.routed.first_row
    real = [
        tuple(truth.routed.operation[start : start + length].tolist())
        for start, length in zip(starts, truth.routed.length, strict=True)
    ]
    floor = NoiseFloor(plant.parameters)
    floor.add_routings(traits, truth.routed)
    reached = np.mean([one == other for one, other in zip(real, expected, strict=True)])
    ceiling = floor.to_json()["exact_match_ceiling"]
    assert reached == pytest.approx(ceiling["new_item_of_known_family"], abs=0.02)
    assert ceiling["new_item_of_new_family"] < ceiling["new_items"] < ceiling["new_item_of_known_family"]
    assert 0.75 < ceiling["new_items"] < 0.9


def test_routings_have_at_most_twelve_operations_and_manufactured_parts_at_least_three(
    plant: Plant, truth: BlockTruth
) -> None:
    classes = plant.parameters.facts.part_classes
    manufactured = [i for i, c in enumerate(classes) if c.name in {"gland", "sleeve", "face", "collar", "bushing"}]
    lengths = truth.routed.length
    assert lengths.max() <= 12
    assert lengths.min() >= 1
    assert lengths[np.isin(truth.traits.part_class, manufactured)].min() >= 3


def test_the_noise_floor_is_the_error_that_rows_really_have(written: DemoSummary) -> None:
    floor = json.loads(Path(written.truth_file).read_text(encoding="utf-8"))["noise_floor"]
    known = floor["mae_minutes"]["known_item"]
    assert floor["realised_mae_minutes_known_item"] == pytest.approx(known, rel=0.03)
    assert 2.5 < known < floor["mae_minutes"]["new_item_of_known_family"]
    assert floor["mae_minutes"]["new_item_of_known_family"] < floor["mae_minutes"]["new_item_of_new_family"] < 5.5
    assert written.noise_floor_mae_minutes == known


def test_no_constant_factor_beats_the_oracles_median(plant: Plant, truth: BlockTruth) -> None:
    orders, _ = work_order_table(truth, first_span(plant.options))
    measured = ~orders.backflushed
    actual = (orders.setup_minutes + orders.run_minutes)[measured]
    median = (orders.median_setup + orders.median_run)[measured]
    errors = {factor: np.abs(actual - factor * median).mean() for factor in (0.9, 0.95, 1.0, 1.05, 1.1)}
    assert min(errors, key=lambda factor: float(errors[factor])) in {1.0, 1.05}


def test_a_machine_step_changes_run_times_by_what_the_truth_says(plant: Plant, truth: BlockTruth) -> None:
    steady = make_plant(replace(plant.options, drift=DriftScenario.NONE))
    still = block_truth(steady, steady.blocks[0])
    span = first_span(plant.options)
    moved, unmoved = work_order_table(truth, span)[0], work_order_table(still, span)[0]
    same = (moved.machine == unmoved.machine) & (moved.outsourced == unmoved.outsourced)
    ratios = np.round(np.log(moved.median_run[same] / unmoved.median_run[same]), 6)
    assert set(np.unique(ratios)) == {0.0, *(step.log_effect for step in machine_steps(plant.options)[:2])}


def test_more_families_start_with_the_same_ones() -> None:
    parameters = draw_plant_parameters(5)
    few, many = draw_families(parameters, 40), draw_families(parameters, 2_000)
    np.testing.assert_array_equal(few.habits, many.habits[:40])
    np.testing.assert_array_equal(few.run_effect, many.run_effect[:40])


def test_siblings_share_what_strangers_do_not(plant: Plant, truth: BlockTruth) -> None:
    real = np.array([hash(sequence) for sequence in sequences(plant, truth.traits)])
    order = np.lexsort((real, truth.traits.family))
    siblings = truth.traits.family[order][1:] == truth.traits.family[order][:-1]
    alike = (real[order][1:] == real[order][:-1])[siblings].mean()
    strangers = (real[:-1] == real[1:]).mean()
    assert alike > 0.5
    assert strangers < 0.2
