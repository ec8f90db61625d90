"""Records are plain frozen dataclasses to all who use them; that nobody changes them is mypy's to see."""

import pickle
from dataclasses import replace

from backend.domain.prediction import MinutesRange


def test_records_are_told_apart_by_their_fields_and_travel_between_processes() -> None:
    one = MinutesRange(1.0, 2.0)

    assert one == MinutesRange(1.0, 2.0) != replace(one, high=3.0)
    assert len({one, MinutesRange(1.0, 2.0)}) == 1
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    assert not hasattr(one, "__dict__")
