"""The truth about a demo plant, beside its database and never in it.

`<database>.truth.db` holds the state that advancing needs, with the future of what is still open;
`<database>.truth.json` is the readable copy of the state. Nothing that learns may read either.
"""

import hashlib
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from backend.erp.demo.drift import describe_drift
from backend.erp.demo.generating import Expansion
from backend.erp.demo.options import DemoOptions
from backend.errors import DatabaseUnavailableError

GENERATOR_VERSION: Final = 1
"""Rises whenever the same options would make other tables."""

PlannedEnd = tuple[int, str, float, float]
"""Row number in the work orders, finishing moment, set-up and run minutes."""


@dataclass(frozen=True, slots=True)
class Advance:
    """One call of advance_demo_plant: what it added."""

    days: int
    until: date
    expansion: Expansion
    noise_floor: dict[str, Any]


@dataclass(slots=True)
class TruthState:
    """Everything that is true of a plant beside its tables."""

    options: DemoOptions
    today: date
    rows: dict[str, int]
    dirty_rows: dict[str, dict[str, int]]
    noise_floor: dict[str, Any]
    backflushed_rows: int
    advances: list[Advance] = field(default_factory=list)

    @property
    def plant_id(self) -> str:
        """Name the plant by generator and options; noted in the plant's database too."""
        return plant_id(self.options)

    def count_dirt(self, table: str, dirt: Counter[str]) -> None:
        """Add the dirty rows of one block."""
        counts = Counter(self.dirty_rows.get(table, {}))
        self.dirty_rows[table] = dict(sorted((counts + dirt).items()))

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON values, drift included."""
        return {
            "generator_version": GENERATOR_VERSION,
            "plant_id": self.plant_id,
            "options": self.options.to_json(),
            "today": self.today.isoformat(),
            "drift": describe_drift(self.options),
            "rows": self.rows,
            "dirty_rows": self.dirty_rows,
            "backflushed_rows": self.backflushed_rows,
            "noise_floor": self.noise_floor,
            "advances": [asdict(advance) | {"until": advance.until.isoformat()} for advance in self.advances],
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TruthState":
        """Make a state from what to_json returned."""
        return cls(
            options=DemoOptions.from_json(values["options"]),
            today=date.fromisoformat(values["today"]),
            rows=values["rows"],
            dirty_rows=values["dirty_rows"],
            noise_floor=values["noise_floor"],
            backflushed_rows=values["backflushed_rows"],
            advances=[
                Advance(a["days"], date.fromisoformat(a["until"]), Expansion(**a["expansion"]), a["noise_floor"])
                for a in values["advances"]
            ],
        )


def plant_id(options: DemoOptions) -> str:
    """Return a short name that equal options share."""
    text = json.dumps([GENERATOR_VERSION, options.to_json()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def truth_database(plant: Path) -> Path:
    """Return the path of the truth database of a plant."""
    return plant.with_name(f"{plant.name}.truth.db")


def truth_json(plant: Path) -> Path:
    """Return the path of the readable truth of a plant."""
    return plant.with_name(f"{plant.name}.truth.json")


def create_truth_tables(connection: sqlite3.Connection) -> None:
    """Create the tables of the truth database."""
    connection.execute("CREATE TABLE demo_truth (state TEXT NOT NULL)")
    connection.execute(
        "CREATE TABLE pending (row_number INTEGER PRIMARY KEY, finish_date TEXT, setup_minutes REAL, run_minutes REAL)"
    )


def add_pending(connection: sqlite3.Connection, rows: Iterable[PlannedEnd]) -> None:
    """Remember how rows that are still open will end."""
    connection.executemany("INSERT INTO pending VALUES (?, ?, ?, ?)", rows)


def store_state(connection: sqlite3.Connection, state: TruthState, schema: str = "main") -> None:
    """Replace the stored state."""
    connection.execute(f"DELETE FROM {schema}.demo_truth")  # noqa: S608 - a constant
    text = json.dumps(state.to_json(), ensure_ascii=False)
    connection.execute(f"INSERT INTO {schema}.demo_truth VALUES (?)", (text,))  # noqa: S608 - a constant


def load_state(connection: sqlite3.Connection, plant: Path, schema: str = "main") -> TruthState:
    """Return the stored state; raises DatabaseUnavailableError if another generator made it."""
    values = json.loads(connection.execute(f"SELECT state FROM {schema}.demo_truth").fetchone()[0])  # noqa: S608
    if values["generator_version"] != GENERATOR_VERSION:
        raise DatabaseUnavailableError(
            str(plant), "another version wrote this demo plant", "Run 'routing-ml demo' anew"
        )
    return TruthState.from_json(values)


def read_readable_truth(plant: Path) -> TruthState:
    """Return the state that was written as JSON beside a plant."""
    return TruthState.from_json(json.loads(truth_json(plant).read_text(encoding="utf-8")))


def write_readable_truth(plant: Path, state: TruthState) -> Path:
    """Write the state as JSON beside the plant, whole or not at all."""
    path = truth_json(plant)
    building = path.with_name(f"{path.name}.{os.getpid()}.building")
    building.write_text(json.dumps(state.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    building.replace(path)
    return path
