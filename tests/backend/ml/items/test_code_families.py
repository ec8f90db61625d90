"""Tests for code families: how much of a code must be equal, and which items are told of as relatives."""

import numpy as np

from backend.ml.items.code_families import NO_FAMILY, CodeFamilies

PAIRS = [f"{word}-{number}" for word in ("AX", "BK", "CT", "DM") for number in (1, 2)]
LABELS = np.repeat(np.arange(4), 2)


def test_items_whose_codes_begin_alike_and_that_are_made_alike_form_a_family() -> None:
    _, family = CodeFamilies.fit(PAIRS, LABELS)
    assert family.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_new_code_belongs_to_a_family_with_a_single_known_member() -> None:
    families, family = CodeFamilies.fit([*PAIRS, "EN-7"], np.r_[LABELS, 4])
    assert families.of(["EN-8"]).tolist() == family[-1:].tolist() != [NO_FAMILY]


def test_a_code_that_begins_like_no_known_one_belongs_to_no_family() -> None:
    families, _ = CodeFamilies.fit(PAIRS, LABELS)
    assert families.of(["ZZ-1", "", None]).tolist() == [NO_FAMILY] * 3


def test_codes_that_do_not_go_with_routings_form_no_families() -> None:
    families, family = CodeFamilies.fit(PAIRS, np.arange(8))
    assert families.rule == 0
    assert family.tolist() == [NO_FAMILY] * 8
