import numpy as np

from backend.ml.common.arrays import Floats
from backend.ml.operations.family_presence import FamilyPresence
from backend.ml.operations.presence import PresenceLabels

NO, YES = 0, 1
NO_ORDERS = np.zeros((0, 2), dtype=np.int64)
MEMBERS = 8


def _labels() -> PresenceLabels:
    """Sequence 0 lacks label 0, sequence 1 has it."""
    return PresenceLabels.from_parts({"lengths": np.array([0, 1]), "values": np.array([0])}, np.array([0]), NO_ORDERS)


def _fitted(expected: float) -> FamilyPresence:
    """All of family 0 have the label, none of family 1; the network expects it with the same chance of all."""
    label = np.repeat([YES, NO], MEMBERS)
    return FamilyPresence.fit(_labels(), _log_odds(expected, 2 * MEMBERS), label, np.repeat([0, 1], MEMBERS))


def _log_odds(chance: float, rows: int) -> Floats:
    return np.full((rows, 1), np.log(chance / (1 - chance)), dtype=np.float32)


def _shift(fitted: FamilyPresence, family: int, own: int = -1) -> float:
    before = _log_odds(0.5, 1)
    return float((fitted.shifted(before, np.array([family]), np.array([own])) - before)[0, 0])


def test_what_a_family_does_beyond_expectation_shifts_its_new_members() -> None:
    fitted = _fitted(0.5)
    assert _shift(fitted, 0) > 2
    assert _shift(fitted, 1) < -2


def test_what_the_network_expects_anyway_shifts_nothing() -> None:
    assert abs(_shift(_fitted(0.98), 0)) < 0.5


def test_an_item_of_no_family_keeps_its_log_odds() -> None:
    assert _shift(_fitted(0.5), -1) == 0


def test_an_item_is_not_evidence_for_itself() -> None:
    label, family = np.array([YES, NO]), np.array([0, 1])
    alone = FamilyPresence.fit(_labels(), _log_odds(0.5, 2), label, family)
    assert abs(_shift(alone, 0, own=YES)) < 0.02
    assert _shift(alone, 0) > 0.5


def test_parts_give_back_equal_shifts() -> None:
    fitted = _fitted(0.5)
    label, family = np.repeat([YES, NO], MEMBERS), np.repeat([0, 1], MEMBERS)
    again = FamilyPresence.from_parts(fitted.to_parts(), _labels(), label, family)
    assert _shift(again, 0) == _shift(fitted, 0)
