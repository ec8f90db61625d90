import doctest
import math
import re
from pathlib import Path

import numpy as np
import pytest

from backend.settings import SOURCE_ROOT
from benchmarks import report as report_module
from benchmarks.__main__ import PARTS, TRIALS, list_of_parts, run_parts
from benchmarks.document import read_sections, with_sections
from benchmarks.options import Options
from benchmarks.report import Bar, Measured, Report, Table, Verdict, from_json, to_json

PACKAGE = "tests.benchmarks"


def run_toys(names: list[str], seed: int, document: Path) -> int:
    return run_parts(names, Options(seeds=(seed,), folder=document.parent), document, PACKAGE)


@pytest.mark.parametrize(
    ("bar", "verdict"),
    [
        (Bar("at the limit", 10, at_most=10), Verdict.OK),
        (Bar("above", 10.1, at_most=10), Verdict.MISSED),
        (Bar("below", 0.9, at_least=0.91), Verdict.MISSED),
        (Bar("between", 80, at_least=78.5, at_most=81.5), Verdict.OK),
        (Bar("beyond one of two", 82, at_least=78.5, at_most=81.5), Verdict.MISSED),
        (Bar("unknown", None, at_most=1), Verdict.NOT_MEASURED),
        (Bar("not a number", math.nan, at_least=0), Verdict.NOT_MEASURED),
        (Bar("free", 3), Verdict.NO_LIMIT),
    ],
)
def test_a_figure_is_judged_by_its_limits(bar: Bar, verdict: Verdict) -> None:
    assert bar.verdict is verdict


def test_what_could_not_be_measured_keeps_no_limit() -> None:
    report = Report("T", "P", {}, (Bar("unknown", None, at_most=1), Bar("good", 1, at_most=1)))

    assert (report.summary(), [bar.name for bar in report.missed]) == ("1 of 2 limits kept", ["unknown"])


def test_a_report_comes_back_from_its_process_unchanged_and_numpy_numbers_become_plain() -> None:
    table = Table("T", ("name", "count", "share"), (("a", np.int64(3), np.float32(0.5)),))  # type: ignore[arg-type]
    measured = Measured(Report("T", "P", {"items": "5"}, (Bar("b", np.float64(2), beside=4),), (table,)), 1.0, 2.0, 3.0)

    back = from_json(to_json(measured))

    assert back.report.tables[0].rows == (("a", 3, 0.5),)
    assert back.report.bars[0].ratio == 0.5
    assert back.report.settings == {"items": "5"}


def test_a_table_whose_rows_do_not_fit_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="every row needs 2 cells"):
        Table("T", ("a", "b"), (("only one",),))


def test_a_section_tells_figures_limits_protocol_command_and_machine(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"

    assert run_toys(["toy_part"], 9, document) == 0

    text = read_sections(document.read_text(encoding="utf-8"))["toy_part"]
    assert "| weight | 9.000 | g | ≤ 10 | ok |  |  |" in text
    assert "| colour | 0.5000 |  |  |  | oracle 0.2500 | 2.000 |" in text
    assert "| axle | – |" in text
    assert "`python -m benchmarks toy_part --seed 9`" in text
    for told in ("**1 of 1 limits kept.**", "How toys are measured.", "A note.", "Python 3", "commit", "cores", "UTC"):
        assert told in text
    assert str(tmp_path) not in text


def test_running_one_part_replaces_its_section_alone(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(with_sections("", {"other": "## Other\n\nkept"}, ()), encoding="utf-8")

    run_toys(["toy_part"], 1, document)
    run_toys(["toy_part"], 2, document)

    text = document.read_text(encoding="utf-8")
    assert read_sections(text)["other"] == "## Other\n\nkept"
    assert ("--seed 1`" in text, "--seed 2`" in text) == (False, True)
    assert text.count("<!-- begin toy_part -->") == 1


def test_sections_stand_in_the_order_of_the_parts() -> None:
    text = with_sections("", {"b": "B", "z": "Z", "a": "A"}, ("a", "b"))

    assert list(read_sections(text)) == ["a", "b", "z"]
    assert with_sections(text, {}, ("a", "b")) == text


def test_a_failing_part_is_named_and_the_others_still_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "benchmarks.md"

    assert run_toys(["failing_part", "toy_part"], 1, document) == 1

    assert "FAILED  failing_part ended with exit code 7" in capsys.readouterr().out
    assert list(read_sections(document.read_text(encoding="utf-8"))) == ["toy_part"]


def test_a_missed_limit_is_named_and_the_exit_code_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_toys(["toy_part"], 11, tmp_path / "benchmarks.md") == 1

    said = capsys.readouterr().out
    assert "MISSED  toy_part: weight" in said
    assert "Limits are set for" not in said


def test_where_another_size_was_asked_for_a_missed_limit_may_mean_nothing_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = Options(items=20, seeds=(11,))
    assert run_parts(["toy_part"], options, tmp_path / "benchmarks.md", "tests.benchmarks") == 1

    assert "Limits are set for the sizes that parts have without --items" in capsys.readouterr().out


def test_a_part_without_its_data_says_so_and_never_wipes_out_an_earlier_measurement(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"

    assert run_toys(["toy_part"], 13, document) == 0
    assert "Not measured: the toys are not here." in document.read_text(encoding="utf-8")
    run_toys(["toy_part"], 2, document)
    measured = document.read_text(encoding="utf-8")
    assert run_toys(["toy_part"], 13, document) == 0

    assert document.read_text(encoding="utf-8") == measured


def test_every_part_and_trial_is_listed_with_what_it_shows() -> None:
    lines = list_of_parts()

    for name in (*PARTS, *TRIALS):
        line = next(line for line in lines if line.split()[:1] == [name])
        assert len(line.split()) > 3


def test_documents_name_no_part_that_does_not_exist() -> None:
    documents = [*SOURCE_ROOT.glob("*.md"), *SOURCE_ROOT.glob("docs/**/*.md")]
    named = {
        (path.name, part)
        for path in documents
        for part in re.findall(r"python -m benchmarks (\w+)", path.read_text(encoding="utf-8"))
    }

    assert {part for _, part in named} & set(PARTS)
    assert [each for each in sorted(named) if each[1] not in PARTS] == []


def test_the_examples_of_how_numbers_and_limits_are_shown_are_true() -> None:
    results = doctest.testmod(report_module)

    assert (results.failed, results.attempted) == (0, 2)
