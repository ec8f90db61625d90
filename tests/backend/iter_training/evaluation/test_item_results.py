from pathlib import Path

import polars as pl
import pytest

from backend.domain.prediction import Candidate, ItemPrediction, MinutesRange, PredictedOperation, PredictionStatus
from backend.iter_training.evaluation import item_results as module
from backend.iter_training.evaluation.item_results import item_results
from backend.iter_training.evaluation.judging import HISTORY, STRATUM, JudgedLots
from backend.ml.judging.comparison import ActualLot, Comparison, compare
from backend.ml.judging.segments import label_items
from backend.monitoring.cycle_items import CycleItems, KeptItem, items_to_bytes, read_item, read_items


def foreseen(*steps: tuple[str, float]) -> tuple[PredictedOperation, ...]:
    around = MinutesRange(1.0, 99.0)
    return tuple(
        PredictedOperation(10, code, code.title(), "W1", True, 0.0, around, 1.0, around, minutes, around, 0)
        for code, minutes in steps
    )


def lot(item: str, order: str, *steps: tuple[str, str, float | None]) -> ActualLot:
    codes, centres, minutes = zip(*steps, strict=True)
    return ActualLot(order, item, 5.0, tuple(range(len(steps))), codes, centres, (True,) * len(steps), minutes)


def judged(lots: list[ActualLot], routing: tuple[PredictedOperation, ...]) -> JudgedLots:
    best = Candidate(0.9, routing, sum(step.lot_minutes for step in routing))
    predictions = [ItemPrediction(one.item_code, PredictionStatus.OK, "", 5.0, (best,)) for one in lots]
    codes = sorted({one.item_code for one in lots})
    labels = pl.DataFrame({"item_code": codes, STRATUM: [f"T{code[-1]}" for code in codes], HISTORY: "known"})
    compared = compare(lots, predictions)
    return JudgedLots(lots, predictions, label_items(Comparison(compared.lots, compared.operations), labels))


def kept(items: CycleItems) -> list[KeptItem]:
    return list(items.items)


def test_an_item_has_its_figures_over_all_lots_and_its_parts() -> None:
    lots = [
        lot("A1", "WO1", ("CUT", "W1", 12.0), ("LAP", "W2", 20.0)),
        lot("A1", "WO2", ("CUT", "W9", 17.0), ("LAP", "W2", None)),
        lot("B2", "WO3", ("CUT", "W1", 10.0), ("LAP", "W2", 21.0)),
    ]
    first, second = kept(item_results(judged(lots, foreseen(("CUT", 10.0), ("LAP", 20.0)))))

    assert first.figures == {
        "item_code": "A1",
        "part_type": "T1",
        "history": "known",
        "lots": 2,
        "operations": 3,
        "absolute_error_minutes": 9.0,
        "predicted_minutes": 40.0,
        "actual_minutes": 49.0,
        "routing_error_minutes": 2.0,
        "process_match": 1.0,
        "exact_match": 1.0,
        "parts": [
            {"operation_code": code, "work_centre": centre, "operations": 1,
             "absolute_error_minutes": error, "predicted_minutes": minutes, "actual_minutes": minutes + error}
            for code, centre, error, minutes in (
                ("CUT", "W9", 7.0, 10.0), ("CUT", "W1", 2.0, 10.0), ("LAP", "W2", 0.0, 20.0)
            )
        ],
    }  # fmt: skip
    assert [one["work_order_code"] for one in first.lots] == ["WO2", "WO1"], "the larger error first"
    assert first.lots[0]["actual_minutes"] is None, "an operation's booking may not be judged"
    assert second.figures["item_code"] == "B2"


def test_operations_stand_side_by_side_as_they_are_aligned() -> None:
    lots = [lot("A1", "WO1", ("SAW", "W0", 5.0), ("CUT", "W1", 12.0), ("PACK", "W3", None))]
    (item,) = kept(item_results(judged(lots, foreseen(("CUT", 10.0), ("LAP", 20.0), ("PACK", 1.0)))))
    rows = [
        (row["predicted"] and row["predicted"]["operation_code"], row["actual"] and row["actual"]["operation_code"])
        for row in item.lots[0]["operations"]
    ]

    assert rows == [(None, "SAW"), ("CUT", "CUT"), ("LAP", None), ("PACK", "PACK")]
    assert item.lots[0]["operations"][3]["actual"]["minutes"] is None
    assert (item.lots[0]["predicted_minutes"], item.lots[0]["absolute_error_minutes"]) == (31.0, 2.0)


def test_an_item_that_nobody_could_predict_is_kept_with_its_lot() -> None:
    lots = [lot("A1", "WO1", ("CUT", "W1", 12.0))]
    (item,) = kept(item_results(judged(lots, ())))

    assert (item.figures["operations"], item.figures["process_match"], item.figures["parts"]) == (0, 0.0, [])
    assert item.lots[0]["operations"] == [
        {
            "predicted": None,
            "actual": {"operation_code": "CUT", "work_centre": "W1", "in_house": True, "minutes": 12.0},
        }
    ]


def test_a_large_cycle_keeps_the_worst_and_some_of_every_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ITEMS", 4)
    lots = [lot(f"A{n:02}1", f"WO{n}", ("CUT", "W1", 100.0 + n)) for n in range(30)]
    lots += [lot(f"B{n:02}2", f"WP{n}", ("CUT", "W2", 10.0 + n / 10)) for n in range(30)]
    found = item_results(judged(lots, foreseen(("CUT", 10.0))))
    codes = [item.figures["item_code"] for item in kept(found)]

    assert (found.judged_items, found.kept_items, found.most_items) == (60, 10, 4)
    assert codes[:4] == ["A291", "A281", "A271", "A261"]
    assert codes[5:] == ["B292", "B282", "B272", "B262", "B252"], "the five worst of work centre W2"


def test_no_more_than_three_lots_of_an_item_are_shown() -> None:
    lots = [lot("A1", f"WO{n}", ("CUT", "W1", 10.0 + n)) for n in range(5)]
    (item,) = kept(item_results(judged(lots, foreseen(("CUT", 10.0)))))

    assert item.figures["lots"] == 5
    assert [one["work_order_code"] for one in item.lots] == ["WO4", "WO3", "WO2"]


def test_items_come_back_from_their_file_as_they_were_written(tmp_path: Path) -> None:
    lots = [lot("한글/1", "WO1", ("CUT", "W1", 12.34567)), lot("B2", "WO2", ("CUT", "W1", 10.0))]
    results = judged(lots, foreseen(("CUT", 10.0)))
    content = items_to_bytes(item_results(results))
    path = tmp_path / "items.jsonl.gz"
    path.write_bytes(content)
    read, item = read_items(path), read_item(path, "한글/1")

    assert content == items_to_bytes(item_results(results)), "the same items give the same bytes"
    assert read is not None
    assert item is not None
    assert read[0]["judged_items"] == 2
    assert [one["item_code"] for one in read[1]] == ["한글/1", "B2"]
    assert item.figures == read[1][0]
    assert item.lots[0]["operations"][0]["actual"]["minutes"] == 12.346
    assert read_item(path, "C3") is None
    assert read_items(tmp_path / "none.gz") is None
    assert read_item(tmp_path / "none.gz", "B2") is None
