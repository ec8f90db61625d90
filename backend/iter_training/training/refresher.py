"""Refreshes a version over newer work orders and has the refresh checked against its parent on the newest of them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from backend.domain.models import GateDecision, VersionKind, VersionRecord
from backend.domain.plant import PlantData
from backend.domain.progress import ProgressReport, no_progress, part_of
from backend.iter_training.evaluation.holdout import JudgeableWork
from backend.iter_training.evaluation.judging import HISTORY, STRATUM, judge
from backend.iter_training.evaluation.maturity import LOT
from backend.iter_training.gate.gate import BundleFacts, JudgedModel
from backend.iter_training.gate.refresh_gate import decide_refresh
from backend.iter_training.training.challenger import TIMED_PREDICTIONS, library_versions, promise, reload_bundle
from backend.iter_training.training.lineage import gate_facts, lineage
from backend.ml.history.bookings import booked_at_plan
from backend.ml.judging.comparison import summarise
from backend.ml.model import RoutingModel
from backend.ml.refreshing import RefreshCounts
from backend.registry.bundle import write_bundle
from backend.settings import Settings

CHECK_SHARE: Final = 0.25
"""Of the new rows, the newest so many check what the others changed; then they are taken up too."""
MAX_CHECKED_LOTS: Final = 1000
_STAMPS_A_DAY: Final = 3
_ORDER: Final = ("finished_at", "work_order_code", "item_code", "sequence", "operation_code")


@dataclass(frozen=True, slots=True)
class Parent:
    """The version that is refreshed."""

    version: str
    record: VersionRecord
    model: RoutingModel


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """What became of a refresh: a decision about the bundle in `folder`, or why there was nothing to decide."""

    decision: GateDecision | None
    skipped: str
    folder: Path
    data_seen: dict[str, Any]


@dataclass(frozen=True)
class Refresher:
    """One refresh: carry the parent on to the check, judge both there, carry on to the end, write the bundle."""

    parent: Parent
    settings: Settings
    job_id: str | None
    created_at: datetime
    folder: Path
    log: Callable[[str], None]

    def run(self, work_orders: pl.DataFrame, report: ProgressReport = no_progress) -> RefreshOutcome:
        """Refresh over work-order rows, open or finished, of which those after the parent's cutoff count."""
        new = self._new_rows(work_orders)
        if not len(new):
            return self._skipped("no work order was finished after the data of the active version")
        split = int(len(new) * (1 - CHECK_SHARE))
        work = self._checked_work(new[split:])
        needed = self.settings.config.evaluation.min_operations
        if len(work.rows) < needed:
            return self._skipped(
                f"{len(new):,} new rows leave {len(work.rows):,} operations of known items to check a refresh on, "
                f"{needed:,} are needed (evaluation.min_operations); the next refresh takes them along"
            )
        report(0.0, f"learning from {len(new):,} finished operations")
        checked, first = self.parent.model.refreshed(new[:split])
        judged = [
            self._judged(version, model, work, part_of(report, begin, begin + 0.3))
            for version, model, begin in ((self.parent.version, self.parent.model, 0.2), (None, checked, 0.5))
        ]
        model, second = checked.refreshed(new[split:])
        data_seen = self._data_seen(new, work, (first, second))
        report(0.8, "writing the new version")
        facts = self._write(model, data_seen)
        decision = decide_refresh(judged[0], judged[1], facts, self.settings.config.gate, needed)
        origin = {name: self.parent.record.extra.get(name) for name in ("plant_database", "promise")}
        made_of = lineage(self.settings, new_work_orders=new) | {"gate": gate_facts(decision)}
        promise(self.folder, self.parent.record.metrics, data_seen | origin | made_of)
        self.log(decision.reason)
        return RefreshOutcome(decision, "", self.folder, data_seen)

    def _skipped(self, reason: str) -> RefreshOutcome:
        self.log(reason)
        return RefreshOutcome(None, reason, self.folder, {})

    def _new_rows(self, work_orders: pl.DataFrame) -> pl.DataFrame:
        finished = work_orders.filter(pl.col("finished_at") > self.parent.record.data_cutoff)
        return over_days(finished).sort(_ORDER)

    def _checked_work(self, rows: pl.DataFrame) -> JudgeableWork:
        """Choose lots of known items; only what finished newly is compared, be it a lot's last operation."""
        codes = rows["item_code"].unique().to_list()
        known = rows.filter(pl.col("item_code").is_in([code for code in codes if self.parent.model.knows(code)]))
        lots = known.select(LOT).unique().sort(LOT)
        if len(lots) > MAX_CHECKED_LOTS:
            draw = np.random.default_rng(self.parent.record.seed)
            lots = lots[np.sort(draw.permutation(len(lots))[:MAX_CHECKED_LOTS])]
        chosen = known.join(lots, on=LOT, how="semi").with_columns(booked_at_plan=booked_at_plan())
        chosen = chosen.sort(*LOT, "sequence", "operation_code").with_row_index("row")
        after, until = rows["finished_at"].min(), rows["finished_at"].max()
        if not isinstance(after, datetime) or not isinstance(until, datetime):
            raise TypeError("the rows of a check are finished")
        return JudgeableWork(chosen, after, until, None, {})

    def _judged(
        self, version: str | None, model: RoutingModel, work: JudgeableWork, report: ProgressReport
    ) -> JudgedModel:
        """Judge times and places alone: a lot may be cut by the cutoff, and a refresh changes no sequence."""
        codes = work.items()["item_code"]
        nothing = pl.lit(None, dtype=pl.String)
        labels = pl.DataFrame({"item_code": codes}).with_columns(nothing.alias(STRATUM), nothing.alias(HISTORY))
        rows = PlantData(pl.DataFrame({"item_code": codes}), pl.DataFrame(), work.rows, ())
        comparison = judge(model, work, rows, labels, report).filter(pl.lit(value=True), operations_only=True)
        return JudgedModel(version, comparison, summarise(comparison))

    def _write(self, model: RoutingModel, data_seen: dict[str, Any]) -> BundleFacts:
        """Write the bundle; the promise of its level stays its parent's, which was measured on whole lots."""
        old = self.parent.record
        record = VersionRecord(
            created_at=self.created_at,
            data_cutoff=model.data_cutoff,
            family=old.family,
            job_id=self.job_id,
            plant_profile=old.plant_profile,
            seed=old.seed,
            rows=old.rows | {"work_orders": old.rows.get("work_orders", 0) + data_seen["learnt_rows"]},
            metrics=old.metrics,
            library_versions=library_versions(),
            extra={},
            kind=VersionKind.REFRESH,
            parent=self.parent.version,
            trained_version=old.trained_version or self.parent.version,
        )
        write_bundle(self.folder, model.to_parts(), record)
        codes = model.known_codes[:TIMED_PREDICTIONS]
        return reload_bundle(self.folder, codes, self.settings.config.models.candidates)[1]

    def _data_seen(
        self, new: pl.DataFrame, work: JudgeableWork, counts: tuple[RefreshCounts, RefreshCounts]
    ) -> dict[str, Any]:
        first, second = counts
        cutoff = self.parent.record.data_cutoff
        return {
            "learnt_after": cutoff.isoformat() + "Z" if cutoff else None,
            "learnt_until": work.until.isoformat() + "Z",
            "new_rows": len(new),
            "learnt_rows": first.learnt + second.learnt,
            "left_out": {name: first.left_out[name] + rows for name, rows in second.left_out.items()},
            "checked_after": work.after.isoformat() + "Z",
            "checked_operations": len(work.rows),
        }


def over_days(finished: pl.DataFrame) -> pl.DataFrame:
    """Leave out the newest stamp of rows where the plant books days or shifts, not moments: more may yet bear it.

    A stamp learnt from is never looked at again. Where few rows a day leave both open, the newest waits a day.
    """
    moments = finished["finished_at"]
    if moments.n_unique() > _STAMPS_A_DAY * moments.dt.date().n_unique():
        return finished
    return finished.filter(pl.col("finished_at") < pl.col("finished_at").max())


def result_of(outcome: RefreshOutcome, parent: Parent, folder: Path, decided_at: datetime) -> dict[str, Any]:
    """Return a job's result as JSON values."""
    decision = outcome.decision
    told: dict[str, Any] = {
        "skipped": decision is None,
        "promoted": bool(decision and decision.promote),
        "reason": decision.reason if decision else outcome.skipped,
        "version": None,
        "champion_version": parent.version,
        "data_seen": outcome.data_seen,
        "decided_at": decided_at.isoformat() + "Z",
    }
    if decision is None:
        return told
    return told | {
        "family": parent.record.family,
        "metrics": decision.challenger_metrics,
        "champion_metrics": decision.champion_metrics,
        "checks": [asdict(check) for check in decision.checks],
        "compared_operations": decision.compared_operations,
        "bundle": outcome.folder.relative_to(folder).as_posix(),
    }
