"""The trigger's rule on made-up evidence: what it finds, what it leaves alone, and what follows what."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from backend.domain.trigger import Measure, Promise, TriggerAction, TriggerDecision
from backend.iter_training.evaluation.levels import Evidence, promised_levels
from backend.iter_training.trigger.promise_check import Rule
from backend.iter_training.trigger.trigger import CLEAN_SHEET, decide
from backend.monitoring.trigger_json import promise_from_json, promise_to_json

START = datetime(2026, 1, 1)  # noqa: DTZ001 - the product's timestamps are naive UTC
RULE = Rule()


def evidence(
    seed: int,
    first_day: int = 0,
    days: int = 28,
    *,
    wider: float = 1.0,
    slower: dict[str, float] | None = None,
    per_day: int = 100,
) -> Evidence:
    """Operations of 300 items on 20 work centres: errors of 0.13, `wider` times as large; some centres slower."""
    rng = np.random.default_rng(seed)
    count = days * per_day
    centre = np.char.add("W", rng.integers(0, 20, count).astype(str))
    errors = 0.13 * wider * rng.normal(size=count)
    for name, factor in (slower or {}).items():
        errors -= np.where(centre == name, np.log(factor), 0.0)
    actual = rng.lognormal(3, 1, count)
    ages = np.sort(rng.uniform(0, days, count))
    item = np.char.add("I", rng.integers(0, 300, count).astype(str))
    operations = pl.DataFrame(
        {
            "item_code": item,
            "operation_code": np.char.add("OP", rng.integers(0, 10, count).astype(str)),
            "work_centre": centre,
            "stratum": "SEAL",
            "history": "known",
            "predicted_minutes": actual * np.exp(errors),
            "actual_minutes": actual,
            "work_centre_right": rng.random(count) > 0.05,
            "finished_at": [START + timedelta(days=first_day + float(age)) for age in ages],
        }
    )
    lots = operations.select("item_code", "stratum", "history", "finished_at", process_match=pl.lit(1.0))
    since = START + timedelta(days=first_day)
    return Evidence(operations, lots, since, since + timedelta(days=days))


def gross(one: Evidence) -> Evidence:
    """Book one operation in fifty wrongly, by a factor of four."""
    factor = pl.when(pl.int_range(pl.len()) % 50 == 0).then(4.0).otherwise(1.0)
    return replace(one, operations=one.operations.with_columns(pl.col("predicted_minutes") * factor))


@pytest.fixture(scope="module")
def promise() -> Promise:
    return promised_levels(evidence(1))


def alarm(promise: Promise) -> TriggerDecision:
    return decide(evidence(2, 28, wider=1.2), promise, RULE)


def test_what_keeps_the_promise_asks_for_nothing(promise: Promise) -> None:
    decision = decide(evidence(2, 28), promise, RULE)
    assert decision.action is TriggerAction.NONE
    assert "nothing is worse than promised" in decision.reason


def test_larger_errors_everywhere_ask_for_a_refresh_first(promise: Promise) -> None:
    decision = alarm(promise)
    assert decision.action is TriggerAction.REFRESH
    assert decision.causes[0].measure is Measure.TIMES
    assert decision.causes[0].excess == pytest.approx(0.2, abs=0.05)
    assert decision.judged_from == START + timedelta(days=56)


def test_a_single_slow_work_centre_is_found_and_named(promise: Promise) -> None:
    decision = decide(evidence(2, 28, slower={"W7": 1.25}), promise, RULE)
    (cause,) = [cause for cause in decision.causes if cause.dimension == "work_centre"]
    assert cause.value == "W7"
    assert "work centre W7 takes 2" in cause.text
    assert "% longer" in cause.text


def test_the_first_day_of_a_step_is_enough_where_the_step_is_large(promise: Promise) -> None:
    before, day = evidence(2, 28, 27), evidence(3, 55, 1, wider=2.0)
    both = Evidence(
        pl.concat([before.operations, day.operations]), pl.concat([before.lots, day.lots]), before.since, day.until
    )
    decision = decide(both, promise, RULE)
    assert decision.action is TriggerAction.REFRESH
    assert decision.causes[0].days == 1.0


def test_too_few_operations_are_said_and_no_reason_to_fire(promise: Promise) -> None:
    decision = decide(evidence(2, 28, 4, wider=3.0, per_day=10), promise, RULE)
    assert decision.action is TriggerAction.INSUFFICIENT_DATA
    assert "40 operations" in decision.reason
    assert "50 are needed" in decision.reason


def test_operations_of_a_few_items_prove_nothing(promise: Promise) -> None:
    few = evidence(2, 28, wider=3.0)
    kept = pl.col("item_code").is_in([f"I{n}" for n in range(8)])
    decision = decide(replace(few, operations=few.operations.filter(kept), lots=few.lots.filter(kept)), promise, RULE)
    assert decision.action is TriggerAction.NONE


def test_what_persists_after_the_refresh_is_retrained(promise: Promise) -> None:
    decision = decide(evidence(3, 56, 7, wider=1.2), promise, RULE, alarm(promise))
    assert decision.action is TriggerAction.RETRAIN
    assert "persists" in decision.reason
    assert decision.alarm is not None
    assert decision.alarm.retrains == 1


NO_NEW_WORK = evidence(3, 56, 0)


def test_what_is_as_old_as_the_record_is_retrained_without_waiting_for_new_work(promise: Promise) -> None:
    decision = decide(NO_NEW_WORK, promise, RULE, alarm(promise), look_back=lambda: evidence(2, 28, wider=1.2))
    assert decision.action is TriggerAction.RETRAIN
    assert decision.causes[0].measure is Measure.TIMES
    again = decide(NO_NEW_WORK, promise, RULE, decision, look_back=lambda: evidence(2, 28, wider=1.2))
    assert again.action is TriggerAction.WAIT, "the training of an alarm rests until new work comes"


def test_what_began_among_the_days_set_apart_waits_for_work_that_the_refresh_knew_it_for(promise: Promise) -> None:
    before, since = evidence(2, 28, 18), evidence(4, 46, 10, wider=1.5)
    both = Evidence(
        pl.concat([before.operations, since.operations]),
        pl.concat([before.lots, since.lots]),
        before.since,
        since.until,
    )
    raised = decide(both, promise, RULE)
    assert raised.action is TriggerAction.REFRESH
    assert decide(NO_NEW_WORK, promise, RULE, raised, look_back=lambda: both).action is TriggerAction.WAIT


def test_what_the_refresh_mends_is_settled_and_not_judged_again(promise: Promise) -> None:
    raised = alarm(promise)
    decision = decide(evidence(3, 56, 7, per_day=1000), promise, RULE, raised)
    assert decision.action is TriggerAction.NONE
    assert decision.alarm is None
    assert decision.judged_from == raised.judged_from


def test_until_enough_has_finished_since_the_refresh_nothing_is_done(promise: Promise) -> None:
    decision = decide(evidence(3, 56, 1, per_day=20), promise, RULE, alarm(promise))
    assert decision.action is TriggerAction.WAIT
    assert decision.alarm is not None


def test_an_alarm_that_never_shows_again_ends_after_four_weeks(promise: Promise) -> None:
    decision = decide(evidence(3, 56, 28, per_day=2), promise, RULE, alarm(promise))
    assert decision.action is TriggerAction.NONE
    assert decision.alarm is None


def test_trainings_of_one_alarm_rest_longer_each_time(promise: Promise) -> None:
    decision, trained = alarm(promise), []
    for day in range(1, 40):
        decision = decide(evidence(3, 56, day, wider=1.3), promise, RULE, decision)
        if decision.action is TriggerAction.RETRAIN:
            trained.append(day)
    assert [later - earlier for earlier, later in pairwise(trained)] == [7, 14]


def test_a_work_centre_that_the_gate_never_saw_is_looked_at_too(promise: Promise) -> None:
    new = evidence(2, 28, slower={"W3": 0.7})
    renamed = new.operations.with_columns(pl.col("work_centre").replace("W3", "NEW-1"))
    decision = decide(replace(new, operations=renamed), promise, RULE)
    assert "NEW-1" in {cause.value for cause in decision.causes}


def test_a_work_centre_that_is_never_foreseen_is_found_by_its_first_operations(promise: Promise) -> None:
    """Its times are as foreseen: that nobody foresaw it is what shows."""
    day = evidence(2, 28, 28)
    is_hit = (pl.col("work_centre") == "W3") & (pl.col("finished_at") >= day.until - timedelta(days=5))
    moved = day.operations.with_columns(
        work_centre=pl.when(is_hit).then(pl.lit("NEW-1")).otherwise("work_centre"),
        work_centre_right=pl.col("work_centre_right") & ~is_hit,
    )
    assert 10 <= moved.filter(pl.col("work_centre") == "NEW-1").height < 30
    decision = decide(replace(day, operations=moved), promise, RULE)
    assert decision.action is TriggerAction.REFRESH
    assert (Measure.WORK_CENTRES, "NEW-1") in {(cause.measure, cause.value) for cause in decision.causes}


def test_a_work_centre_that_was_never_foreseen_at_the_gate_either_is_no_alarm() -> None:
    """Nor is one that the gate saw a few times only: an alternative that is used now and then is nothing new."""
    gate, later = (
        replace(
            one,
            operations=one.operations.with_columns(
                work_centre_right=pl.col("work_centre_right") & (pl.col("work_centre") != "W3")
            ),
        )
        for one in (evidence(1), evidence(2, 28))
    )
    is_rare = (pl.col("work_centre") == "W3") & (pl.int_range(pl.len()).over("work_centre") >= 5)
    rare = replace(gate, operations=gate.operations.filter(~is_rare))
    for seen in (gate, rare):
        decision = decide(later, promised_levels(seen), RULE)
        assert "W3" not in {cause.value for cause in decision.causes}


def test_a_few_gross_bookings_neither_make_nor_hide_an_alarm() -> None:
    """One booking in fifty off by a factor of four, at the gate and since: 12 % larger errors are seen beside them."""
    gate, same, wider = (gross(one) for one in (evidence(1), evidence(2, 28), evidence(2, 28, wider=1.12)))
    assert decide(same, promised_levels(gate), RULE).action is TriggerAction.NONE
    assert decide(wider, promised_levels(gate), RULE).causes[0].measure is Measure.TIMES


def test_the_promise_of_an_earlier_release_is_held_as_it_was_made(promise: Promise) -> None:
    """It clips no outlying errors and says nothing of what is done on each work centre."""
    content = promise_to_json(promise)
    del content["largest"], content["segments"]["work_centres of work_centre"]
    earlier = promise_from_json(content)
    assert earlier.largest is None
    assert decide(evidence(2, 28), earlier, RULE).action is TriggerAction.NONE
    assert decide(evidence(2, 28, wider=1.3), earlier, RULE).action is TriggerAction.REFRESH


def test_a_promise_comes_back_from_json_as_it_was(promise: Promise) -> None:
    back = promise_from_json(json.loads(json.dumps(promise_to_json(promise))))
    assert back.largest == pytest.approx(promise.largest)
    assert {name: sorted(levels) for name, levels in back.segments.items()} == {
        name: sorted(levels) for name, levels in promise.segments.items()
    }


def test_scales_in_days_change_nothing(promise: Promise) -> None:
    """A plant whose operations take days is judged as one whose take minutes."""

    def in_days(one: Evidence) -> Evidence:
        return replace(one, operations=one.operations.with_columns(pl.col("^.*_minutes$") * 1440))

    for seen in (evidence(2, 28), evidence(2, 28, wider=1.2), evidence(2, 28, slower={"W7": 1.25})):
        decision = decide(in_days(seen), promised_levels(in_days(evidence(1))), RULE)
        same = decide(seen, promise, RULE)
        assert (decision.action, [cause.key for cause in decision.causes]) == (
            same.action,
            [cause.key for cause in same.causes],
        )


def test_more_new_items_than_at_the_gate_are_no_alarm() -> None:
    """New items err more; a week with more of them is held against a promise for as many."""
    base, more = evidence(1), evidence(2, 28)
    is_new = pl.col("item_code").str.ends_with("7")
    history = pl.when(is_new).then(pl.lit("new")).otherwise(pl.lit("known"))
    error = pl.col("predicted_minutes") / pl.col("actual_minutes")
    doubled = pl.when(is_new).then(pl.col("actual_minutes") * error**2).otherwise(pl.col("predicted_minutes"))
    mixed = [
        replace(
            one,
            operations=one.operations.with_columns(history=history, predicted_minutes=doubled),
            lots=one.lots.with_columns(history=history),
        )
        for one in (base, more)
    ]
    thinned = mixed[1].operations.filter((pl.col("history") == "new") | (pl.int_range(pl.len()) % 3 == 0))
    decision = decide(replace(mixed[1], operations=thinned), promised_levels(mixed[0]), RULE)
    assert not [cause for cause in decision.causes if cause.measure is Measure.TIMES]


def test_a_breached_absolute_threshold_is_a_cause_and_persists_like_any_other(promise: Promise) -> None:
    breach = replace(alarm(promise).causes[0], measure=Measure.THRESHOLD, value="mae", text="mae is 6")
    raised = decide(evidence(2, 28), promise, RULE, CLEAN_SHEET, (breach,))
    assert raised.action is TriggerAction.REFRESH
    again = decide(evidence(3, 56, 3), promise, RULE, raised, (breach,))
    assert again.action is TriggerAction.RETRAIN
    assert decide(evidence(3, 56, 3), promise, RULE, raised).action is TriggerAction.WAIT
    assert decide(evidence(3, 56, 8), promise, RULE, raised).alarm is None
