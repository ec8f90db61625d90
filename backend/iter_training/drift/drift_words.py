"""What has drifted, in plain words."""

from typing import Final

from backend.domain.drift import ErrorDrift, InputDrift

_DIMENSIONS: Final = {"operation": "operation", "work_centre": "work centre", "part_type": "item class"}
_POPULATIONS: Final = {"new_items": "new items", "items_in_work": "items in work"}


def error_sentence(found: ErrorDrift) -> str:
    """Say what takes longer or less, and since when.

    >>> from datetime import date
    >>> day = date(2026, 3, 3)
    >>> error_sentence(ErrorDrift("work_centre", "CNC-04", 22.2, 16.8, 27.9, day, False, 61, 20, ""))
    'work centre CNC-04 takes 22 % longer since 2026-03-03 (17 to 28 %; 61 operations of 20 items)'
    """
    name = f"{_DIMENSIONS[found.dimension]} {found.value}" if found.value else "the whole plant"
    sign = 1 if found.change_pct > 0 else -1
    low, high = sorted((sign * found.low_pct, sign * found.high_pct))
    return (
        f"{name} takes {abs(found.change_pct):.0f} % {'longer' if sign > 0 else 'less'} "
        f"since {found.since}{' or before' if found.began_before else ''} "
        f"({low:.0f} to {high:.0f} %; {found.operations:,} operations of {found.items:,} items)"
    )


def input_sentence(found: InputDrift) -> str:
    """Say which value of an attribute became more or less frequent.

    >>> input_sentence(InputDrift("new_items", "material", "1.4404", 31.2, 4.1, 0.4, 129, ""))
    'material: 31 % of the 129 new items are 1.4404, 4 % before'
    """
    return (
        f"{found.attribute}: {found.share_pct:.0f} % of the {found.items:,} {_POPULATIONS[found.population]} "
        f"are {found.value}, {found.before_pct:.0f} % before"
    )
