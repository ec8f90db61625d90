import pytest

from benchmarks.scale import growth, growth_table


def test_growth_is_the_exponent_of_the_number_of_items() -> None:
    assert growth((10, 100, 1000), (5.0, 50.0, 500.0)) == pytest.approx(1)
    assert growth((10, 40), (3.0, 6.0)) == pytest.approx(0.5)
    assert growth((10, 100), (7.0, 7.0)) == pytest.approx(0)


def test_growth_of_one_size_or_of_nothing_is_not_told() -> None:
    assert growth((10,), (5.0,)) is None
    assert growth((10, 100), (0.0, 1.0)) is None


def test_every_figure_stands_beside_its_growth_per_doubling() -> None:
    table = growth_table((10, 20), ({"rows": 3, "s": 1.0}, {"rows": 6, "s": 4.0}))

    assert table.columns == ("figure", "10 items", "20 items", "growth", "per doubling")
    assert [row[:3] for row in table.rows] == [("rows", 3, 6), ("s", 1.0, 4.0)]
    assert table.rows[1][3:] == pytest.approx((2.0, 4.0))
