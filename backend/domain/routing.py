"""One operation of a routing, whoever wrote it: the ERP, the model or a planner."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoutingOperation:
    """A step with its set-up once per lot and its run time per piece."""

    sequence: int
    operation_code: str
    operation_name: str
    work_centre: str
    in_house: bool
    setup_minutes: float
    run_minutes_per_unit: float
