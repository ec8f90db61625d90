"""The oracle is right where its beliefs are known in closed form, and calibrated where they are not."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from backend.erp.demo.calendar_minutes import MINUTES_PER_DAY
from backend.erp.demo.families import habit_probability
from backend.erp.demo.generating import Expansion, first_span
from backend.erp.demo.habits import FLIP_PROBABILITY
from backend.erp.demo.plant_parameters import draw_plant_parameters
from backend.erp.demo.truth import Advance, TruthState
from backend.ml.judging.comparison import ActualLot, compare, summarise
from benchmarks.oracle import Knowledge, Oracle, beliefs, habits, learn, machines, minutes, outsourcing
from benchmarks.oracle.arrays import IntArray
from benchmarks.oracle.evidence import UNKNOWN, Evidence
from benchmarks.oracle.memory import Memory, remember, take_items
from tests.benchmarks.oracle_plant import CUTOFF, lots_after, only_block, state_of

ITEMS = 4_000
PARAMETERS = draw_plant_parameters(3)


@pytest.fixture(scope="module")
def state() -> TruthState:
    return state_of(ITEMS, 3)


@pytest.fixture(scope="module")
def hidden(state: TruthState) -> set[str]:
    """Every fourth item, so that most families have both kinds."""
    return set(only_block(state).codes.gather_every(4))


@pytest.fixture(scope="module")
def memory(state: TruthState, hidden: set[str]) -> Memory:
    return remember(state, hidden, CUTOFF, range(ITEMS))


@pytest.fixture(scope="module")
def lots(state: TruthState) -> list[ActualLot]:
    return lots_after(state, CUTOFF)[0]


@pytest.fixture(scope="module")
def oracle(state: TruthState, hidden: set[str], lots: list[ActualLot]) -> Oracle:
    return learn(state, hidden, CUTOFF, lots)


def nothing_seen(rows: int) -> Evidence:
    unknown, zeros = np.full(rows, UNKNOWN), np.zeros(rows)
    return Evidence(
        setup_lots=zeros,
        setup_mean=zeros,
        run_lots=zeros,
        run_mean=zeros,
        has_standard=np.zeros(rows, dtype=bool),
        standard_setup=zeros,
        standard_run=zeros,
        standard_rounding=zeros,
        outside_before=unknown,
        outside_after=unknown,
        places=np.zeros((rows, 2, 5)),
        standard_place=np.full((rows, 2), UNKNOWN),
    )


def test_a_habit_that_one_relative_shows_has_the_chance_of_bayes_rule(state: TruthState) -> None:
    traits = take_items(only_block(state).traits, np.array([5, 5]))
    shown = replace(traits, habits=traits.habit_applies)
    seen = np.array([True, False])
    evidence = habits.family_log_odds(shown, seen, int(traits.family[0]) + 1)[traits.family]
    chance = habits.chance_of_habits(PARAMETERS, shown, evidence)[1]
    prior = habit_probability(PARAMETERS, traits.part_type, traits.seal_type)[1]
    flip = FLIP_PROBABILITY
    family = prior * (1 - flip) / (prior * (1 - flip) + (1 - prior) * flip)
    applies = traits.habit_applies[1]
    assert applies.any()
    assert chance[applies] == pytest.approx((family * (1 - flip) + (1 - family) * flip)[applies])


def test_an_inclination_is_narrowed_by_what_relatives_sent_outside() -> None:
    middles = outsourcing.MIDDLES
    wish = np.array([(middles < 0.6).astype(float), (middles < 0.3).astype(float)])
    wishes = outsourcing.Wishes(np.array([0, 0]), wish, wish)
    evidence = replace(nothing_seen(2), outside_after=np.array([1, UNKNOWN]))
    of_family = outsourcing.family_log_likelihood(wishes, evidence, np.array([0, 0]), 1, 1)[0]
    chance = outsourcing.chance_outside(wishes, evidence, of_family[[0, 0]], np.ones(2))
    below = 0.3 * 0.99 / (0.6 * 0.99 + 0.4 * 0.01)
    assert chance == pytest.approx([1.0, below * 0.99 + (1 - below) * 0.01])


def test_a_preferred_machine_is_weighed_by_how_relatives_were_made() -> None:
    places = np.zeros((2, 2, 5))
    places[0, 0, 1] = 2
    evidence = replace(nothing_seen(2), places=places)
    likelihood = machines.place_log_likelihood(evidence, np.array([7, 7]), 0)
    of_family = machines.family_log_likelihood(likelihood, np.array([0, 0]), np.array([0, 0]), 1, 1)[0]
    usual = machines.chance_of_usual_place(likelihood, of_family[[0, 0]])[1]
    seen = np.array([0.97 * 0.05**2 + 0.03 * 0.95**2, 0.97 * 0.95**2, 0.0])
    family = np.array([0.6, 0.25, 0.15]) * seen
    family /= family.sum()
    assert usual == pytest.approx(np.convolve(family, [0.97, 0.03]), abs=1e-6)
    assert machines.chance_of_place(usual[None], np.array([7]))[0].sum() == pytest.approx(1.0)


def test_effects_of_one_measured_operation_are_shrunk_as_their_variances_say() -> None:
    evidence = replace(nothing_seen(1), run_lots=np.array([2.0]), run_mean=np.array([0.3]))
    item, operation = np.array([0]), np.array([4])
    news = minutes.row_news(PARAMETERS, operation, evidence)
    items = minutes.item_news(news, item, np.array([False]))
    effects = minutes.row_effects(news, item, items, items.about_family())
    between = 0.14**2 + 0.10**2 + 0.06**2
    noise = PARAMETERS.run_noise[4] ** 2 / 2
    assert effects.mean[0, 1] == pytest.approx(0.3 * between / (between + noise), rel=1e-3)
    assert effects.covariance[0, 1, 1] == pytest.approx(between * noise / (between + noise), rel=1e-3)
    assert effects.covariance[0, 0, 0] == pytest.approx(0.10**2 + 0.06**2, rel=1e-3)


def test_chances_of_sequences_sides_and_machines_come_true(memory: Memory) -> None:
    believed, true = beliefs.from_records(memory), beliefs.from_truth(memory)
    hidden = ~memory.asked.seen
    own, real = _sequences(believed, ITEMS), _sequences(true, ITEMS)
    right = np.array([one == other for one, other in zip(own, real, strict=True)])
    chance = believed.chance_of_sequence
    assert hidden.sum() > 1_000
    assert right[~hidden].all()
    assert right[hidden].mean() == pytest.approx(chance[hidden].mean(), abs=0.03)
    rows, same = _common_rows(believed, true)
    rows, same = rows[hidden[believed.item[rows]]], same[hidden[believed.item[rows]]]
    outside = believed.outside[rows, 1]
    assert outside.mean() == pytest.approx(true.outside[same, 1].mean(), abs=0.01)
    side = true.outside[same, 1].astype(int)
    given, usual = believed.places[rows, side], true.places[same, side]
    hit = usual[np.arange(len(usual)), given.argmax(axis=1)].mean()
    assert hit == pytest.approx(given.max(axis=1).mean(), abs=0.02)


def test_beliefs_about_effects_are_as_sure_as_they_should_be(memory: Memory) -> None:
    believed, true = beliefs.from_records(memory), beliefs.from_truth(memory)
    rows, same = _common_rows(believed, true)
    error = true.log_minutes[same] - believed.log_minutes[rows]
    squares = np.einsum("ri,rij,rj->r", error, np.linalg.inv(believed.covariance[rows]), error) / 2
    seen = memory.asked.seen[believed.item[rows]]
    assert squares[~seen].mean() == pytest.approx(1.0, abs=0.15)
    assert squares[seen].mean() == pytest.approx(1.0, abs=0.15)


def _sequences(believed: beliefs.Beliefs, items: int) -> list[list[int]]:
    ends = np.searchsorted(believed.item, np.arange(1, items))
    return [part.tolist() for part in np.split(believed.operation, ends)]


def _common_rows(believed: beliefs.Beliefs, true: beliefs.Beliefs) -> tuple[IntArray, IntArray]:
    keys = [each.item * 100 + each.operation for each in (believed, true)]
    _, rows, same = np.intersect1d(keys[0], keys[1], return_indices=True)
    return rows, same


def test_no_relative_means_that_only_the_rules_are_known(state: TruthState) -> None:
    truth = only_block(state)
    blind = remember(state, set(truth.codes), CUTOFF, range(200))
    believed = beliefs.from_records(blind)
    size = truth.plant.parameters.group_size[truth.plant.parameters.in_house_group[believed.operation]]
    roomy = size >= 5
    assert not blind.asked.seen.any()
    assert np.allclose(believed.places[roomy, 0, 0], 0.6 * 0.97 * 0.95)
    assert np.allclose(believed.covariance[:, 1, 1], 0.14**2 + 0.10**2 + 0.06**2, rtol=1e-3)


def test_what_a_plant_did_while_it_lived_on_is_remembered() -> None:
    state = state_of(300, 3)
    span = first_span(state.options)
    month = Expansion(items=12, families=3, created_from=span.end, created_until=span.end + 30 * MINUTES_PER_DAY)
    state.advances.append(Advance(30, state.today + timedelta(days=30), month, {}))
    before, after = (remember(state, (), moment, range(312)).asked for moment in (CUTOFF, datetime(2026, 7, 30)))  # noqa: DTZ001 - the plant's own time
    assert before.number.tolist() == list(range(312))
    assert after.evidence.setup_lots.sum() > before.evidence.setup_lots.sum() > 0
    assert set(after.traits.family[300:]) - set(after.traits.family[:300])


def test_ranges_of_both_oracles_hold_eight_times_in_ten(oracle: Oracle, lots: list[ActualLot]) -> None:
    for knowledge in Knowledge:
        found = summarise(compare(lots, oracle.predict(lots, knowledge)))
        assert found.operation_count > 1_500
        assert found.coverage == pytest.approx(0.8, abs=0.025)


def test_knowing_more_is_never_worse(state: TruthState, lots: list[ActualLot], oracle: Oracle) -> None:
    blind = learn(state, set(only_block(state).codes), CUTOFF, lots)
    scores = [
        summarise(compare(lots, one.predict(lots, knowledge)))
        for one, knowledge in (
            (blind, Knowledge.RECORDS),
            (oracle, Knowledge.RECORDS),
            (oracle, Knowledge.EVERYTHING),
        )
    ]
    for name in ("exact_match", "process_match", "work_centre_match", "outsourcing_success"):
        values = [getattr(score, name) for score in scores]
        assert values == sorted(values), name
    errors = [score.mae or 0.0 for score in scores]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] > 0
