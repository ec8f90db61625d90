"""What the browser's scenarios become in the report."""

import pytest

from benchmarks.interface import (
    LONGEST_MS,
    LONGEST_TYPING_MS,
    PASTED,
    PASTED_SECONDS,
    TYPED,
    Scenario,
    bars_of,
    table_of,
)
from benchmarks.report import Verdict


def _scenario(name: str, longest_ms: float = 120.0, seconds: float = 1.5) -> Scenario:
    return {"name": name, "small": False, "seconds": seconds, "longest_ms": longest_ms, "long_tasks": 3, "nodes": 900}


def test_a_scenario_is_judged_by_its_longest_task_beside_the_one_with_little_to_show() -> None:
    (bar,) = bars_of(_scenario("scroll"), _scenario("scroll", longest_ms=60.0))
    assert (bar.name, bar.value, bar.unit, bar.at_most) == ("scroll: longest task", 120.0, "ms", LONGEST_MS)
    assert (bar.beside, bar.beside_name, bar.ratio) == (60.0, "little to show", 2.0)


def test_pasting_is_judged_by_its_seconds_too() -> None:
    seconds, longest = bars_of(_scenario(PASTED), _scenario(PASTED, seconds=0.5))
    assert (seconds.value, seconds.at_most, seconds.beside) == (1.5, PASTED_SECONDS, 0.5)
    assert longest.at_most == LONGEST_MS


@pytest.mark.parametrize(
    ("longest_ms", "verdict"), [(LONGEST_TYPING_MS, Verdict.OK), (LONGEST_TYPING_MS + 1, Verdict.MISSED)]
)
def test_typing_may_keep_the_page_busy_for_half_as_long(longest_ms: float, verdict: Verdict) -> None:
    (bar,) = bars_of(_scenario(TYPED, longest_ms), None)
    assert bar.verdict is verdict


def test_without_a_reference_a_figure_stands_alone() -> None:
    assert [bar.beside for bar in bars_of(_scenario(PASTED), None)] == [None, None]


def test_the_table_has_both_sizes_side_by_side_and_gaps_where_one_was_not_measured() -> None:
    full = {name: _scenario(name) for name in ("scroll", "alone")}
    table = table_of(full, {"scroll": _scenario("scroll", longest_ms=0.0, seconds=0.2)})
    assert table.columns[:3] == ("scenario", "much: s", "much: long tasks")
    assert table.columns[5] == "little: s"
    assert table.rows == (
        ("scroll", 1.5, 3, 120.0, 900, 0.2, 3, 0.0, 900),
        ("alone", 1.5, 3, 120.0, 900, None, None, None, None),
    )
