"""What may be learnt from and what is judged never overlap, and the parts lay out what the contest found."""

from datetime import timedelta

import numpy as np
import pytest

from benchmarks import accuracy, ranges
from benchmarks.demo_contest import ORACLE, Contest, begin
from benchmarks.demo_task import (
    GROUPS,
    KNOWN,
    NEW_FAMILY,
    NEW_ITEM,
    UNMADE,
    WINDOW,
    DemoTask,
    held_out_items,
)
from benchmarks.oracle.memory import remember
from benchmarks.report import Verdict


@pytest.fixture(scope="module")
def contest(task: DemoTask) -> Contest:
    return begin(task)


def test_nothing_of_held_out_items_is_learnt_from(task: DemoTask) -> None:
    for table in (task.plant.items, task.plant.routings, task.plant.work_orders):
        assert not set(table["item_code"]) & task.hidden
    judged = {lot.item_code for group in (NEW_ITEM, NEW_FAMILY) for lot in task.groups[group]}
    assert judged
    assert judged <= task.hidden
    assert judged == set(task.attributes)


def test_a_family_is_held_out_whole_and_other_items_leave_relatives_behind(task: DemoTask) -> None:
    new_family, new_item = held_out_items(task.truth)
    memory = remember(task.truth, frozenset(), task.local_cutoff, range(task.truth.options.items))
    family = dict(zip(_codes(task), memory.asked.traits.family.tolist(), strict=True))
    learnt = {family[code] for code in task.plant.items["item_code"]}
    assert not {family[code] for code in new_family} & learnt
    assert np.mean([family[code] in learnt for code in new_item]) > 0.8


def _codes(task: DemoTask) -> list[str]:
    hidden = sorted(task.hidden)
    known = task.plant.items["item_code"].to_list()
    number = {code: int(code[4:]) - 1 if code.startswith("ITEM") else int(code[-4:], 36) for code in hidden + known}
    return sorted(number, key=lambda code: number[code])


def test_judged_lots_were_done_after_what_is_learnt_from(task: DemoTask) -> None:
    work = task.plant.work_orders
    known = {lot.work_order_code for group in (KNOWN, UNMADE) for lot in task.groups[group]}
    finished = work.filter(work["work_order_code"].is_in(sorted(known)))["finished_at"].to_list()
    assert all(task.cutoff < moment <= task.cutoff + WINDOW for moment in finished)
    made_before = set(work.filter(work["finished_at"] <= task.cutoff)["item_code"])
    assert {lot.item_code for lot in task.groups[KNOWN]} <= made_before
    assert not {lot.item_code for lot in task.groups[UNMADE]} & made_before
    assert timedelta() < task.local_cutoff - task.cutoff < timedelta(days=1)


def test_the_oracle_in_the_models_place_keeps_every_limit_on_ratios(contest: Contest) -> None:
    contest.answers[accuracy.MODEL] = contest.answers[ORACLE]
    judged = accuracy.report(contest, {})
    ratios = [bar for bar in judged.bars if "oracle's" in bar.name and bar.verdict is not Verdict.NO_LIMIT]
    assert len(ratios) == 18
    assert all(bar.verdict is Verdict.OK for bar in ratios)
    assert [table.title for table in judged.tables] == [f"Lots: {name}" for name in (*GROUPS, "all new")]
    covered, _, width, totals = ranges.report(contest, {}).bars
    assert covered.value == pytest.approx(80, abs=4)
    assert width.value == pytest.approx(1.0)
    assert totals.verdict is Verdict.NOT_MEASURED, "the oracle says nothing of totals"
