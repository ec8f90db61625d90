"""Strings in one buffer are found as in a sorted list, whatever their alphabet."""

import numpy as np

from backend.ml.common.string_table import StringTable

ALPHABET = "ab-Z0é中𝄞\uffff "


def test_every_string_is_found_at_its_place_and_no_other() -> None:
    draw = np.random.default_rng(1)
    words = sorted({"".join(draw.choice(list(ALPHABET), draw.integers(0, 5))) for _ in range(500)})
    table = StringTable.of(words)
    assert [table.find(word) for word in words] == list(range(len(words)))
    others = {word + "a" for word in words} - set(words)
    assert {table.find(word) for word in others} == {-1}


def test_what_cannot_be_written_as_utf8_is_not_found() -> None:
    assert StringTable.of(["?"]).find("\ud800") == -1
    assert StringTable.of([]).find("a") == -1
