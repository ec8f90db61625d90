"""routing-ml predict: routings for item codes, or for attributes of an item not yet in the ERP."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP, ExitCode
from backend.cli.output import JsonFlag, print_json, print_table, say
from backend.domain.durations import DurationUnit, unit_for
from backend.domain.prediction import (
    MOST_EVIDENCE,
    AttributeValue,
    Candidate,
    ItemPrediction,
    LeadTime,
    MinutesRange,
    OperationReason,
    PredictionAnswer,
    PredictionQuery,
    PredictionStatus,
    SimilarItem,
)

_LIKELY: Final = 0.5
"""A total's range holds for lots made by the very routing; below this chance that is said."""
_NAMED_OPERATIONS: Final = 20
"""A similar item's routing with more operations is told by how it differs from the proposed one."""
_NAMED_DIFFERENCES: Final = 5


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(epilog=EXIT_CODES_HELP)(predict)


def predict(
    codes: Annotated[list[str] | None, typer.Argument(help="Item codes.")] = None,
    quantity: Annotated[float | None, typer.Option(min=0.001, help="Pieces in the lot.")] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="An attribute of an item not yet in the ERP; repeat it. Lengths with a unit column are in mm.",
        ),
    ] = None,
    candidates: Annotated[int | None, typer.Option(min=1, max=20, help="Alternative routings per item.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Propose routings, with ranges, alternatives and what backs them."""
    queries = _queries(codes or [], dict(_read_attribute(text) for text in attribute or []), quantity)
    if not queries:
        raise typer.BadParameter("name item codes, or attributes with --attribute NAME=VALUE")
    from backend.serving.predictor import Predictor
    from backend.settings import load_settings

    _leave_damage_to_the_answer()
    answer = Predictor(load_settings()).predict(queries, candidates=candidates)
    if as_json:
        print_json(answer)
    else:
        _print_answer(answer)
    if any(prediction.best is None for prediction in answer.predictions):
        raise typer.Exit(ExitCode.ATTENTION)


def _leave_damage_to_the_answer() -> None:
    """Keep the log's line about a damaged model off the screen: the command ends with it. A bug's traceback stays."""
    logging.getLogger("backend.serving.model_follower").addFilter(lambda entry: entry.exc_info is not None)


def _read_attribute(text: str) -> tuple[str, AttributeValue]:
    """Split NAME=VALUE; the value stays text, which the model reads as the attribute's kind asks."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise typer.BadParameter(f"{text!r} is not NAME=VALUE")
    return name.strip(), value.strip() or None


def _queries(codes: list[str], attributes: dict[str, AttributeValue], quantity: float | None) -> list[PredictionQuery]:
    if not attributes:
        return [PredictionQuery(item_code=code, quantity=quantity) for code in codes]
    if len(codes) > 1:
        raise typer.BadParameter("attributes describe one item; give at most one code with them")
    return [PredictionQuery(item_code=codes[0] if codes else None, attributes=attributes, quantity=quantity)]


def _print_answer(answer: PredictionAnswer) -> None:
    for prediction in answer.predictions:
        _print_prediction(prediction)
    cutoff = f", data until {answer.data_cutoff:%Y-%m-%d %H:%M}" if answer.data_cutoff else ""
    say(f"model {answer.model_version}{cutoff}")


def _print_prediction(prediction: ItemPrediction) -> None:
    name = prediction.item_code or "(new item)"
    best = prediction.best
    if best is None:
        typer.echo(f"{name}: {prediction.status.value}: {prediction.message}")
        return
    unit = unit_for(step.lot_minutes for step in best.operations)
    title = f"{name}: {_title(prediction, best, unit)}"
    columns = (
        "seq",
        "operation",
        "work centre",
        "set-up",
        "run/piece",
        f"lot {unit.name}",
        "80 % range",
        "lots",
        "because",
    )
    reasons = {reason.operation_code: reason for reason in prediction.reasons}
    rows = [
        (
            str(step.sequence),
            " ".join(dict.fromkeys((step.operation_code, step.operation_name))),  # a code without a name is its own
            step.work_centre if step.in_house else f"{step.work_centre} (outsourced)",
            unit.shown(step.setup_minutes),
            unit.shown(step.run_minutes_per_unit),
            unit.shown(step.lot_minutes),
            _range(step.lot_range, unit),
            f"{step.evidence_count}+" if step.evidence_count == MOST_EVIDENCE else step.evidence_count,
            _because(reasons.get(step.operation_code)),
        )
        for step in best.operations
    ]
    print_table(title, columns, rows)
    for reason in prediction.reasons:
        if not reason.included:
            say(f"  left out, though near: {_because(reason)}")
    proposed = [step.operation_code for step in best.operations]
    for similar in prediction.similar_items[:3]:
        say(f"  like {_likeness(similar, proposed)}")


def _title(prediction: ItemPrediction, best: Candidate, unit: DurationUnit) -> str:
    """Say what the whole routing takes, how sure it is, and what is to be known about it."""
    total = f"{unit.of(best.total_minutes):,.1f} {unit.name}"
    if best.total_range:
        condition = "" if best.probability >= _LIKELY else " if made so"
        total += f" (80 % range {_range(best.total_range, unit)}{condition})"
    pieces = f"{prediction.quantity:g} piece" + ("" if prediction.quantity == 1 else "s")
    told = [f"{total} for {pieces}", f"{best.probability:.0%} sure"]
    told += [_days(best.lead_time)] if best.lead_time else []
    note = prediction.message
    if prediction.status is not PredictionStatus.OK:
        note = f"{prediction.status.value}: {note}"
    return ", ".join(told) + (f" ({note})" if note else "")


def _likeness(similar: SimilarItem, proposed: Sequence[str] = ()) -> str:
    """Say how a similar item is made, by which work orders, and what is alike and what differs.

    >>> _likeness(SimilarItem("A-1", 0.8, ("CUT", "LAP"), ("W7",), ("SHAPE", "SIZE"), ("COLOUR",)))
    'A-1 (80%, made in W7): CUT → LAP; alike in SHAPE, SIZE; differs in COLOUR'
    >>> _likeness(SimilarItem("A-1", 0.2, ("CUT",), (), ("item_code",), ()))
    'A-1 (20%): CUT; alike in item code (family)'
    """
    orders = f", made in {', '.join(similar.work_order_codes)}" if similar.work_order_codes else ""
    made = _made_by(similar.operation_codes, proposed)
    told = [f"{similar.item_code} ({similar.similarity:.0%}{orders}): {made}"]
    told += [f"alike in {', '.join(map(_named, similar.alike))}"] if similar.alike else []
    told += [f"differs in {', '.join(map(_named, similar.differs))}"] if similar.differs else []
    return "; ".join(told)


def _named(attribute: str) -> str:
    """Return what to call an attribute; two item codes are never alike, but the families that they tell are."""
    return "item code (family)" if attribute == "item_code" else attribute


def _made_by(operations: Sequence[str], proposed: Sequence[str]) -> str:
    """Name the operations; of a long routing, only what it has less and more than the proposed one.

    >>> long = ["CUT"] * 15 + ["LAP"] * 10
    >>> _made_by(long[:-2] + ["TURN"], long), _made_by(long, long), _made_by(long[::-1], long)
    ('24 operations, without LAP ×2, with TURN', '25 operations, the same', '25 operations, the same in another order')
    """
    if len(operations) <= _NAMED_OPERATIONS:
        return " → ".join(operations)
    here, there = Counter(proposed), Counter(operations)
    words = [f"{len(operations)} operations"]
    words += [f"{word} {_listed(rest)}" for word, rest in (("without", here - there), ("with", there - here)) if rest]
    if len(words) == 1:
        words.append("the same" if list(operations) == list(proposed) else "the same in another order")
    return ", ".join(words)


def _listed(operations: Counter[str]) -> str:
    """Return the most frequent ones with how often they occur, and how many more there are."""
    named = operations.most_common(_NAMED_DIFFERENCES)
    words = [code if count == 1 else f"{code} ×{count}" for code, count in named]
    others = operations.total() - sum(count for _, count in named)
    return " and ".join([", ".join(words)] + ([f"{others} others"] if others else []))


def _because(reason: OperationReason | None) -> str:
    """Say in a few words what speaks for an operation (or against it), and what makes it longer or shorter.

    >>> from backend.domain.prediction import Effect
    >>> _because(OperationReason("LAP", True, (Effect("SHAPE", 12.0),), (Effect("SIZE", 0.8),)))
    'SHAPE; time: SIZE ×0.80'
    >>> _because(OperationReason("LAP", False, (Effect("SHAPE", 0.1),), ()))
    'LAP, kept out by SHAPE'
    >>> _because(OperationReason("LAP", False, (), ()))
    'LAP'
    """
    if reason is None:
        return ""
    there = ", ".join(_named(effect.cause) for effect in reason.presence)
    if not reason.included:
        return f"{reason.operation_code}, kept out by {there}" if there else reason.operation_code
    minutes = ", ".join(f"{_named(effect.cause)} ×{effect.factor:.2f}" for effect in reason.run_minutes)
    return "; ".join(part for part in (there, f"time: {minutes}" if minutes else "") if part)


def _days(lead_time: LeadTime) -> str:
    """Say how long a lot is under way.

    >>> from backend.domain.prediction import ElapsedDays, TotalSpread
    >>> _days(LeadTime(7.66, 5.01, 10.6, TotalSpread(0.0, 1.2, 1.3), ElapsedDays(1, 1), ElapsedDays(6, 3)))
    'lead time 7.7 days (80 % range 5.0–10.6)'
    """
    reach = f"{lead_time.low_days:.1f}–{lead_time.high_days:.1f}"
    return f"lead time {lead_time.expected_days:.1f} days (80 % range {reach})"


def _range(minutes: MinutesRange, unit: DurationUnit) -> str:
    return f"{unit.shown(minutes.low)}–{unit.shown(minutes.high)}"
