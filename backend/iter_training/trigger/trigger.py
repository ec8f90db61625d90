"""Decides from a cycle's evidence whether to refresh or to retrain: a pure function, chosen by simulation.

What is worse than promised raises an alarm, and an alarm a refresh. A retraining follows only where work that
finished after the alarm, foreseen by the refreshed model, shows it again: two independent looks, so that neither
has to be very strict. What began long before the alarm, as with a model frozen for years, need not wait for new work:
refreshed up to the days that a training sets apart, the model is looked at in both halves of them.
Figures: python -m benchmarks trigger_rule.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from backend.domain.trigger import Alarm, Cause, Measure, Promise, TriggerAction, TriggerDecision
from backend.iter_training.evaluation.levels import FOR_EVER_DAYS, Evidence, ages_days
from backend.iter_training.trigger.held_levels import EVERYTHING, Held, hold
from backend.iter_training.trigger.promise_check import Rule, mended, still_worse, worse_than_promised

WINDOWS_DAYS: Final = (1.0, 3.0, 7.0, 14.0, 28.0, FOR_EVER_DAYS)
SETTLED_DAYS: Final = 28.0
"""An alarm that has not shown again for so long is settled."""
REST_DAYS: Final = 7.0
"""Between the first retraining of an alarm and the second; it doubles with each."""
CLEAN_SHEET: Final = TriggerDecision(TriggerAction.NONE, "", "")


def decide(  # noqa: PLR0913, PLR0917 - what is weighed, each of its own kind
    evidence: Evidence,
    promise: Promise,
    rule: Rule,
    before: TriggerDecision = CLEAN_SHEET,
    breaches: Sequence[Cause] = (),
    look_back: Callable[[], Evidence] | None = None,
) -> TriggerDecision:
    """Return what follows: nothing, a refresh, waiting for work to judge the refresh by, or a retraining.

    `before` is the decision of the cycle before, for the same trained version; while its alarm is open, the
    evidence must have finished after it. `breaches` are absolute thresholds that the evidence breaches, chance apart.
    `look_back` gathers what the model shows on the days set apart, refreshed up to the first of them.
    """
    before = replace(before, judged_operations=len(evidence.operations))
    if before.alarm is None:
        return _look(evidence, promise, rule, before, breaches)
    held = _held(evidence, promise, rule, before.alarm)
    causes = (
        *still_worse(held, _days(evidence), rule.confirm, before.alarm.causes),
        *(cause for cause in breaches if cause.key in before.alarm.causes),
    )
    if causes:
        return _retrain(replace(before, causes=causes), before.alarm, evidence.until)
    settled = _settle(evidence, held, rule, before, before.alarm)
    if settled.action is TriggerAction.WAIT and look_back:
        causes = _in_both_halves(look_back(), promise, rule, before.alarm)
        if causes:
            return _retrain(replace(before, causes=causes), before.alarm, evidence.until)
    return settled


def _look(
    evidence: Evidence, promise: Promise, rule: Rule, before: TriggerDecision, breaches: Sequence[Cause]
) -> TriggerDecision:
    count = len(evidence.operations)
    if count < rule.least_operations:
        reason = (
            f"{count:,} operations finished since {evidence.since:%Y-%m-%d} can be judged, "
            f"{rule.least_operations:,} are needed"
        )
        return replace(before, action=TriggerAction.INSUFFICIENT_DATA, reason=reason, causes=())
    held = list(hold(evidence, promise, rule.shifts, WINDOWS_DAYS))
    causes = (*_worst(_in_windows(evidence, held, rule)), *breaches)
    if not causes:
        times = [one.words(-1, 0) for one in held if one.measure is Measure.TIMES]
        reason = "; ".join(["nothing is worse than promised", *times])
        return replace(before, action=TriggerAction.NONE, reason=reason, causes=())
    alarm = Alarm(evidence.until, tuple(cause.key for cause in causes))
    reason = f"alarm, the fast layers are refreshed first: {_told(causes)}"
    raised = replace(before, action=TriggerAction.REFRESH, reason=reason, causes=causes)
    return replace(raised, alarm=alarm, judged_from=evidence.until)


def _settle(
    evidence: Evidence, held: Sequence[Held], rule: Rule, before: TriggerDecision, alarm: Alarm
) -> TriggerDecision:
    opened = f"the alarm of {alarm.opened_at:%Y-%m-%d}"
    days = (evidence.until - alarm.opened_at) / timedelta(days=1)
    if days >= SETTLED_DAYS or _is_mended(evidence, held, rule, alarm):
        reason = f"{opened} is settled: work finished since does not show it"
        return replace(before, action=TriggerAction.NONE, reason=reason, causes=(), alarm=None)
    seen = f"{len(evidence.operations):,} operations in {days:.1f} days"
    reason = f"{opened} is neither confirmed nor settled by {seen}; more work must finish"
    return replace(before, action=TriggerAction.WAIT, reason=reason, causes=())


def _retrain(before: TriggerDecision, alarm: Alarm, until: datetime) -> TriggerDecision:
    """Retrain at once, and again after a week, two, four: newer work may teach what older did not."""
    reason = f"the alarm of {alarm.opened_at:%Y-%m-%d} persists: {_told(before.causes)}"
    if alarm.retrained_at is not None:
        next_at = alarm.retrained_at + timedelta(days=REST_DAYS * 2 ** (alarm.retrains - 1))
        if until < next_at:
            reason += f"; trained on {alarm.retrained_at:%Y-%m-%d}, again from {next_at:%Y-%m-%d}"
            return replace(before, action=TriggerAction.WAIT, reason=reason)
    trained = replace(alarm, retrains=alarm.retrains + 1, retrained_at=until)
    return replace(before, action=TriggerAction.RETRAIN, reason=f"retraining: {reason}", alarm=trained)


def _is_mended(evidence: Evidence, held: Sequence[Held], rule: Rule, alarm: Alarm) -> bool:
    """Tell whether every cause is gone: surely at first, by the look of it after a week, as absolute thresholds are."""
    is_early = evidence.until < alarm.opened_at + timedelta(days=REST_DAYS)
    absolute = {key for key in alarm.causes if key[0] == Measure.THRESHOLD.value}
    if absolute and is_early:
        return False
    gone = set(alarm.causes) - absolute <= mended(held, surely=is_early)
    return gone and len(evidence.operations) >= rule.least_operations


def _in_windows(evidence: Evidence, held: Sequence[Held], rule: Rule) -> Iterator[Cause]:
    """Look at the newest days, weeks and all there is; what holds no more than the window before is passed over."""
    seen, finished = 0, np.sort(ages_days(evidence.operations, evidence.until))
    for window, most_days in enumerate(WINDOWS_DAYS):
        count = int(np.searchsorted(finished, most_days))
        if count > seen and count >= rule.least_operations:
            seen, days = count, min(most_days, _days(evidence))
            yield from worse_than_promised(held, window, days, rule.alarm.in_each_of(len(WINDOWS_DAYS)))


def _days(evidence: Evidence) -> float:
    return (evidence.until - evidence.since) / timedelta(days=1)


def _held(evidence: Evidence, promise: Promise, rule: Rule, alarm: Alarm) -> list[Held]:
    """Hold all of the evidence against the promise, in the parts of the plant that an alarm is about."""
    named = {key[:2] for key in alarm.causes}
    parts = [part for part in EVERYTHING if (part[0].value, part[1]) in named]
    return list(hold(evidence, promise, rule.shifts, (FOR_EVER_DAYS,), parts))


def _in_both_halves(evidence: Evidence, promise: Promise, rule: Rule, alarm: Alarm) -> tuple[Cause, ...]:
    """Return the alarm's causes that show in the older half of the work and again in the newer one."""
    halves = evidence.halves()
    if min(len(half.operations) for half in halves) < rule.least_operations:
        return ()
    older, newer = (
        {
            cause.key: cause
            for cause in still_worse(_held(half, promise, rule, alarm), _days(half), rule.confirm, alarm.causes)
        }
        for half in halves
    )
    return tuple(newer[key] for key in alarm.causes if key in older and key in newer)


def _worst(causes: Iterator[Cause]) -> tuple[Cause, ...]:
    """Keep each cause once, from the window that shows it best; those of the whole plant first."""
    kept: dict[tuple[str, str, str], Cause] = {}
    for cause in causes:
        if cause.key not in kept or cause.chance < kept[cause.key].chance:
            kept[cause.key] = cause
    return tuple(sorted(kept.values(), key=lambda cause: (bool(cause.dimension), cause.chance)))


def _told(causes: Sequence[Cause]) -> str:
    shown = [cause.text for cause in causes[:5]]
    more = len(causes) - len(shown)
    return "; ".join([*shown, *([f"and {more} more"] if more else [])])
