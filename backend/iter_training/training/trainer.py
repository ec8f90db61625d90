"""Trains challengers, picks the best on items set apart for that, and has the gate judge it on the rest."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from backend.domain.models import GateDecision
from backend.domain.plant import PlantData
from backend.domain.progress import ProgressReport, no_progress, part_of
from backend.domain.sampling import Sampling
from backend.errors import InsufficientDataError, TooMuchBadDataError
from backend.iter_training.evaluation.evaluator import Champion
from backend.iter_training.evaluation.evidence import PROMISED_LOTS, gather
from backend.iter_training.evaluation.holdout import JudgeableWork, unseen_work
from backend.iter_training.evaluation.item_choice import choose_items
from backend.iter_training.evaluation.judging import (
    DIMENSIONS,
    PredictsRoutings,
    item_labels,
    judge,
    median_baseline,
)
from backend.iter_training.evaluation.levels import promised_levels
from backend.iter_training.evaluation.selection import clearly_better, mean_loss, side_of
from backend.iter_training.evaluation.set_apart import SetApart
from backend.iter_training.gate.gate import BundleFacts, JudgedModel, decide, decide_first, refuse_unloadable
from backend.iter_training.gate.gate_figures import gate_figures
from backend.iter_training.training.challenger import (
    TIMED_PREDICTIONS,
    Challenger,
    Origin,
    build_challenger,
    cpu_milliseconds,
    promise,
)
from backend.iter_training.training.lineage import gate_facts, lineage
from backend.ml.judging.comparison import Comparison, summarise
from backend.ml.model import FAMILIES, Family, ModelFitting
from backend.monitoring.trigger_json import promise_to_json
from backend.settings import Settings


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What one training was asked for, and where it may write."""

    job_id: str | None
    created_at: datetime
    sampling: Sampling
    folder: Path
    plant_profile: str
    plant_database: str


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """The gate's decision on the best challenger, and what it rests on."""

    decision: GateDecision
    challenger: Challenger
    data_seen: dict[str, Any]
    figures: dict[str, Any]
    """As gate_figures gives them; empty where there was nothing to judge."""


@dataclass(frozen=True)
class Trainer:
    """One training: build every candidate, choose the best, judge it against the champion."""

    plant: PlantData
    champion: Champion | None
    settings: Settings
    request: TrainingRequest
    log: Callable[[str], None]

    def run(self, report: ProgressReport = no_progress) -> TrainingOutcome:
        """Return the outcome; raises TooMuchBadDataError or InsufficientDataError before any fitting."""
        refuse_bad_data(self.plant, self.settings.config.training.max_bad_row_share)
        until, cutoff = self._dates()
        labels = item_labels(self.plant, cutoff)
        window = unseen_work(self.plant.work_orders, cutoff, until)
        # one expression: of the challengers only the best stays in memory
        best, losses = self._choose(
            self._build(cutoff, part_of(report, 0.0, 0.8)), window, labels, part_of(report, 0.8, 0.88)
        )
        if self.champion is not None:
            window = unseen_by_both(self.plant.work_orders, cutoff, self.champion.data_cutoff, until)
        work = self._sampled(side_of(window, selection=False) if losses else window, labels)
        decision, figures = self._decide(best, work, labels, cutoff, part_of(report, 0.88, 1.0))
        self.log(decision.reason)
        data_seen = self._data_seen(work, cutoff, losses)
        if best.model is not None:
            made_of = data_seen | self._lineage(decision)
            if decision.promote:
                shown = gather(best.model, self.plant, cutoff, until, PROMISED_LOTS)
                made_of["promise"] = promise_to_json(promised_levels(shown))
            promise(best.folder, decision.challenger_metrics, made_of, decision.champion_version)
        return TrainingOutcome(decision, best, data_seen, figures)

    def _dates(self) -> tuple[datetime, datetime]:
        """Return the newest finish date and the data cutoff, by the plant's own calendar."""
        apart, asked = (
            SetApart.of(self.plant.work_orders, self.settings.config),
            self.settings.config.training.holdout_days,
        )
        if apart is None:
            raise InsufficientDataError("finished work-order rows", 0, 1, "Import work-order results first")
        if apart.days > asked:
            self.log(
                f"the newest {asked:g} days hold too few whole lots to judge by; {apart.days:g} days are set apart"
            )
        cutoff = apart.after
        learnt = self.plant.finished_until(cutoff, "finished_at").height
        if not learnt:
            remedy = "Lower training.holdout_days, or wait for more work orders"
            raise InsufficientDataError(f"work-order rows finished by {cutoff:%Y-%m-%d}", 0, 1, remedy)
        self.log(f"learning from {learnt:,} work-order rows finished by {cutoff:%Y-%m-%d %H:%M} UTC")
        return apart.until, cutoff

    def _build(self, cutoff: datetime, report: ProgressReport) -> list[Challenger]:
        config, request = self.settings.config, self.request
        seed = config.training.seed
        origin = Origin(
            request.job_id, request.created_at, request.plant_profile, cutoff, seed, config.models.candidates
        )
        ground = part_of(report, 0.0, 0.6)
        fitting = ModelFitting(self.plant, cutoff, seed=seed, threads=config.training.threads, report=ground)
        families = self._families()
        built: list[Challenger] = []
        for number, family in enumerate(families):
            start, end = (0.6 + 0.4 * step / len(families) for step in (number, number + 1))
            part, folder = part_of(report, start, end, family), request.folder / "candidates" / family
            built.append(build_challenger(fitting, family, origin, folder, part))
            self.log(f"{family}: {built[-1].facts}")
        return built

    def _families(self) -> list[Family]:
        """Return the configured families, and the champion's own: it is always fitted afresh."""
        refit = self.champion.family if self.champion else None
        wanted = (*self.settings.config.training.families, refit)
        return [family for family in FAMILIES if family in wanted]

    def _choose(
        self, challengers: list[Challenger], window: JudgeableWork, labels: pl.DataFrame, report: ProgressReport
    ) -> tuple[Challenger, dict[str, float]]:
        """Return the first challenger that no later one clearly beats, and all losses (none without a choice)."""
        loadable = [(one, one.model) for one in challengers if one.model is not None]
        if len(loadable) <= 1:
            return (loadable[0][0] if loadable else challengers[0]), {}
        work = self._sampled(side_of(window, selection=True), labels)
        judged, best = {}, loadable[0][0]
        for number, (one, model) in enumerate(loadable):
            part = part_of(report, number / len(loadable), (number + 1) / len(loadable), one.family)
            judged[one.family] = judge(model, work, self.plant, labels, part)
            best = one if clearly_better(judged[one.family], judged[best.family]) else best
        losses = {family: mean_loss(comparison) for family, comparison in judged.items()}
        listed = ", ".join(f"{family} {loss:.4f}" for family, loss in losses.items())
        self.log(f"best challenger: {best.family} (mean loss: {listed}; {work.items().height:,} items set apart)")
        return best, losses

    def _sampled(self, window: JudgeableWork, labels: pl.DataFrame) -> JudgeableWork:
        items = window.items().join(labels, on="item_code", how="left")
        return window.of_items(choose_items(items, self.request.sampling))

    def _decide(
        self, best: Challenger, work: JudgeableWork, labels: pl.DataFrame, cutoff: datetime, report: ProgressReport
    ) -> tuple[GateDecision, dict[str, Any]]:
        gate = self.settings.config.gate
        if best.model is None:
            return refuse_unloadable(best.facts, gate, self.champion.version if self.champion else None), {}
        challenger = self._judged(None, best.model, work, labels, part_of(report, 0.0, 0.5))
        if self.champion is None:
            learnt = self.plant.work_orders.lazy().filter(pl.col("finished_at") <= cutoff)
            baseline = median_baseline(challenger.comparison, work, learnt)
            needed = self.settings.config.evaluation.min_operations
            return decide_first(challenger, baseline, best.facts, gate, needed), gate_figures(challenger, None)
        champion = self._judged(
            self.champion.version, self.champion.model, work, labels, part_of(report, 0.5, 1.0, "champion")
        )
        decision = decide(champion, challenger, self._beside(best.facts, self.champion), gate, DIMENSIONS)
        return decision, gate_figures(challenger, champion)

    def _beside(self, facts: BundleFacts, champion: Champion) -> BundleFacts:
        """Add how long the champion takes for an item that it knows."""
        known = [code for code in self.plant.items["item_code"].head(TIMED_PREDICTIONS) if champion.model.knows(code)]
        if not known:
            return facts
        milliseconds = cpu_milliseconds(champion.model, known, self.settings.config.models.candidates)
        return replace(facts, champion_milliseconds=milliseconds)

    def _judged(
        self,
        version: str | None,
        model: PredictsRoutings,
        work: JudgeableWork,
        labels: pl.DataFrame,
        report: ProgressReport,
    ) -> JudgedModel:
        comparison: Comparison = judge(model, work, self.plant, labels, report)
        return JudgedModel(version, comparison, summarise(comparison))

    def _lineage(self, decision: GateDecision) -> dict[str, Any]:
        tables = {"items": self.plant.items, "routings": self.plant.routings, "work_orders": self.plant.work_orders}
        return lineage(self.settings, **tables) | {"gate": gate_facts(decision)}

    def _data_seen(self, work: JudgeableWork, cutoff: datetime, losses: dict[str, float]) -> dict[str, Any]:
        """Name the data behind the decision, for the version's record and the audit."""
        first = self.plant.work_orders["finished_at"].min()
        return {
            "plant_database": self.request.plant_database,
            "learnt_from": first.isoformat() + "Z" if isinstance(first, datetime) else None,
            "learnt_until": cutoff.isoformat() + "Z",
            "judged_after": work.after.isoformat() + "Z",
            "judged_until": work.until.isoformat() + "Z",
            "judged_items": work.items().height,
            "sampling": asdict(self.request.sampling),
            "left_out": work.excluded,
            "selection_losses": losses,
        }


def unseen_by_both(
    work_orders: pl.DataFrame, cutoff: datetime, champion_cutoff: datetime | None, until: datetime
) -> JudgeableWork:
    """Return the lots that neither challenger nor champion has seen; a champion without cutoff has seen all."""
    return unseen_work(work_orders, until if champion_cutoff is None else max(cutoff, champion_cutoff), until)


def refuse_bad_data(plant: PlantData, allowed_share: float) -> None:
    """Raise TooMuchBadDataError where too large a share of a table's rows is in quarantine."""
    for table, read in plant.rows_read.items():
        reasons = {count.reason: count.rows for count in plant.quarantine if count.table == table}
        bad = sum(reasons.values())
        if read and bad / read > allowed_share:
            raise TooMuchBadDataError(table, bad / read, allowed_share, reasons)
