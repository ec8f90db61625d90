"""Raw rows of routings and work orders as canonical rows; what cannot be trusted is set aside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from backend.domain.plant import ROUTING_SCHEMA, WORK_ORDER_SCHEMA
from backend.erp.normalising import Parsed, null_where
from backend.erp.profile import ProfileFile
from backend.erp.quarantine import Quarantine
from backend.erp.raw_columns import RawColumns, whole_numbers

Check = tuple[str, pl.Series]
SECONDS_A_MINUTE: Final = 60.0
_MINUTES_A_DAY: Final = 1440.0


@dataclass(frozen=True)
class OperationRows:
    """Cleans batches of one read of the plant; known_items None means that any item code will do."""

    rules: ProfileFile
    quarantine: Quarantine
    known_items: pl.Series | None = None

    def routings(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the trusted rows of one batch, with ROUTING_SCHEMA."""
        raw = RawColumns(batch, self.rules)
        units = self.rules.routing_times
        parsed = _common(raw) | {
            "setup_minutes": raw.minutes("setup_minutes", units.setup_minutes),
            "run_minutes_per_unit": raw.minutes("run_minutes_per_unit", units.run_minutes_per_unit),
            "valid_from": raw.timestamp("valid_from"),
            "valid_to": raw.end_timestamp("valid_to"),
        }
        codes = self._codes(raw, parsed)
        columns = codes | _values(parsed) | {
            "routing_code": raw.text("routing_code").fill_null("1"),
            "operation_name": _first_of(raw.text("operation_name"), codes["operation_code"]),
        }  # fmt: skip
        frame = _canonical(columns, ROUTING_SCHEMA)
        return self.quarantine.sift("routings", frame, self._routing_checks(frame, parsed))

    def work_orders(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the trusted rows of one batch, with WORK_ORDER_SCHEMA."""
        raw = RawColumns(batch, self.rules)
        units = self.rules.work_order_times
        parsed = _common(raw) | {
            "quantity": raw.number("quantity"),
            "setup_minutes": _or_no_set_up(raw.minutes("setup_minutes", units.setup_minutes)),
            "run_minutes": raw.minutes("run_minutes", units.run_minutes),
            "started_at": raw.timestamp("started_at"),
            "finished_at": raw.timestamp("finished_at"),
            "released_at": raw.timestamp("released_at"),
        }
        planned = {
            "planned_setup_minutes": raw.minutes("planned_setup_minutes", units.planned_setup_minutes),
            "planned_run_minutes": raw.minutes("planned_run_minutes", units.planned_run_minutes),
        }
        plausible = {name: self._plausible(name, column) for name, column in planned.items()}
        columns = self._codes(raw, parsed) | _by_the_clock(_values(parsed), self.rules) | plausible
        frame = _canonical(columns | {"work_order_code": raw.text("work_order_code")}, WORK_ORDER_SCHEMA)
        return self.quarantine.sift("work_orders", frame, self._work_order_checks(frame, parsed))

    def _codes(self, raw: RawColumns, parsed: Mapping[str, Parsed]) -> dict[str, pl.Series]:
        return {
            "item_code": raw.text("item_code"),
            "operation_code": raw.text("operation_code"),
            "work_centre": raw.work_centre(parsed["in_house"].values),
        }

    def _routing_checks(self, frame: pl.DataFrame, parsed: Mapping[str, Parsed]) -> Iterator[Check]:
        yield from self._code_checks(frame)
        yield from _unreadable(parsed)
        yield from _minute_checks(frame, ("setup_minutes", "run_minutes_per_unit"), self.rules.max_minutes())
        for name in ("setup_minutes", "run_minutes_per_unit"):
            yield f"missing {name}", frame[name].is_null()
        yield "not valid on any day", frame["valid_to"] < frame["valid_from"]

    def _work_order_checks(self, frame: pl.DataFrame, parsed: Mapping[str, Parsed]) -> Iterator[Check]:
        yield "missing work_order_code", frame["work_order_code"].is_null()
        yield from self._code_checks(frame)
        yield from _unreadable(parsed)
        yield "missing quantity", frame["quantity"].is_null()
        yield "quantity not above zero", frame["quantity"] <= 0
        yield f"quantity above {self.rules.limits.max_quantity:g}", frame["quantity"] > self.rules.limits.max_quantity
        yield "finished before it was started", parsed["finished_at"].values < parsed["started_at"].values
        by_the_clock = not parsed["started_at"].values.is_null().all()
        limit = self.rules.max_minutes(by_the_clock=by_the_clock)
        yield from _minute_checks(frame, ("setup_minutes", "run_minutes"), limit)
        for name in ("setup_minutes", "run_minutes"):
            yield f"finished without {name}", frame[name].is_null() & frame["finished_at"].is_not_null()
        yield "finished before it was released", _ends_before(frame["finished_at"], frame["released_at"], self.rules)

    def _code_checks(self, frame: pl.DataFrame) -> Iterator[Check]:
        for name in ("item_code", "operation_code", "work_centre"):
            yield f"missing {name}", frame[name].is_null()
        if self.known_items is not None:
            yield "unknown item", ~frame["item_code"].is_in(self.known_items.implode())

    def _plausible(self, name: str, parsed: Parsed) -> pl.Series:
        """Return planned minutes without impossible ones: a plan is not worth losing the row for."""
        possible = parsed.values.is_between(0, self.rules.max_minutes()).fill_null(value=True)
        wrong = parsed.unreadable | ~possible
        self.quarantine.leave_out("work_orders", f"unusable {name}", wrong)
        return null_where(parsed.values, wrong)


def _minute_checks(frame: pl.DataFrame, names: tuple[str, ...], limit: float) -> Iterator[Check]:
    for name in names:
        yield f"negative {name}", frame[name] < 0
        yield f"{name} above {limit:g}", frame[name] > limit


def _common(raw: RawColumns) -> dict[str, Parsed]:
    return {"sequence": whole_numbers(raw.number("sequence")), "in_house": raw.in_house()}


def _values(parsed: Mapping[str, Parsed]) -> dict[str, pl.Series]:
    return {name: column.values for name, column in parsed.items()}


def _or_no_set_up(booked: Parsed) -> Parsed:
    """Return no minutes where nobody books a set-up; one that is missing among others is unknown, not zero."""
    return (
        booked
        if booked.values.len() > booked.values.null_count()
        else replace(booked, values=booked.values.fill_null(0))
    )


def _by_the_clock(columns: dict[str, pl.Series], rules: ProfileFile) -> dict[str, pl.Series]:
    """Fill in what the moment of starting tells: a run time that is not booked, a lot's release.

    By the clock on the plant's wall: from one day to the next is a day, in the week of summer time too.
    """
    zone = rules.time_zone
    started = columns["started_at"]
    if started.null_count() == len(started):
        return columns
    elapsed = _on_the_wall(columns["finished_at"], zone) - _on_the_wall(started, zone)
    minutes = elapsed.dt.total_seconds(fractional=True) / SECONDS_A_MINUTE
    run = minutes + (_MINUTES_A_DAY if rules.whole_days else 0.0) - columns["setup_minutes"].fill_null(0)
    return columns | {
        "run_minutes": _first_of(columns["run_minutes"], run),
        "released_at": _first_of(columns["released_at"], started),
    }


def _ends_before(finished: pl.Series, released: pl.Series, rules: ProfileFile) -> pl.Series:
    """Tell which rows were finished before their release; a finish without a time of day is some time of that day."""
    finish, release = (_on_the_wall(moments, rules.time_zone) for moments in (finished, released))
    is_date = finish == finish.dt.truncate("1d")
    return (finished < released) & ~(is_date & (finish.dt.date() == release.dt.date()))


def _on_the_wall(moments: pl.Series, zone: str) -> pl.Series:
    return moments.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)


def _unreadable(parsed: Mapping[str, Parsed]) -> Iterator[Check]:
    for name, column in parsed.items():
        yield f"unreadable {name}", column.unreadable
    yield "missing sequence", parsed["sequence"].values.is_null()


def _first_of(series: pl.Series, otherwise: pl.Series) -> pl.Series:
    return series.zip_with(series.is_not_null(), otherwise) if series.null_count() else series


def _canonical(columns: Mapping[str, pl.Series], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame([columns[name].cast(dtype).alias(name) for name, dtype in schema.items()])
