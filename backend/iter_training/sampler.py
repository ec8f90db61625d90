"""Samples item codes from the configured plant, reading little more than the codes."""

import logging
from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, func, select

from backend._connection_pool import plant_engine
from backend.domain.plant import AttributeKind
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.erp.batches import read_batches
from backend.erp.queries import column_of, profile_subquery, table_query
from backend.erp.raw_columns import RawColumns
from backend.erp.reading import PlantReader
from backend.iter_training.evaluation.item_choice import choose_items, is_fit
from backend.settings import Settings, load_settings

logger = logging.getLogger(__name__)


def sample_items(
    n: int, strategy: str = "random", seed: int | None = None, settings: Settings | None = None
) -> list[str]:
    """Return n item codes of the configured plant, sorted; the same seed gives the same items.

    `strategy` is random, stratified, recent_bias or all; without a seed sampling.seed counts.
    Raises DatabaseUnavailableError, and ValueError for an unknown strategy or a size below one.
    """
    if n < 1:
        raise ValueError(f"a sample needs at least one item, not {n}")
    chosen = settings or load_settings()
    sampling = Sampling(n, SamplingStrategy(strategy), chosen.config.sampling.seed if seed is None else seed)
    population = _population(chosen, sampling.strategy)
    if population.height < n and sampling.strategy is not SamplingStrategy.ALL:
        logger.warning("%d items were asked for and the plant has %d: all of them are taken", n, population.height)
    return choose_items(population, sampling)


def _population(settings: Settings, strategy: SamplingStrategy) -> pl.DataFrame:
    plant = _PlantColumns(settings)
    if strategy is SamplingStrategy.STRATIFIED:
        return plant.codes_with_stratum()
    codes = plant.items().unique("item_code")
    if strategy is SamplingStrategy.RECENT_BIAS:
        return codes.join(plant.last_finishes(), on="item_code", how="left")
    return codes


class _PlantColumns:
    """Reads single columns through the profile's SQL, normalised as a full read would."""

    def __init__(self, settings: Settings) -> None:
        self._engine = plant_engine(settings)
        self._reader = PlantReader(settings)
        self._profile = self._reader.profile

    def items(self, *columns: str) -> pl.DataFrame:
        statement, _ = table_query(self._engine, self._profile, "items", ("item_code", *columns))
        return self._read(statement).drop_nulls("item_code")

    def codes_with_stratum(self) -> pl.DataFrame:
        """Return the codes with the first categorical attribute that groups them usefully."""
        for attribute in self._reader.attributes:
            if attribute.kind is AttributeKind.CATEGORICAL:
                found = self.items(attribute.name).rename({attribute.name: "stratum"})
                if is_fit(found["stratum"]):
                    return found.unique("item_code", keep="first", maintain_order=True)
        return self.items().unique("item_code").with_columns(stratum=pl.lit(""))

    def last_finishes(self) -> pl.DataFrame:
        """Return each item's last finish date as the database orders its dates."""
        source = profile_subquery(self._profile, "work_orders", ("item_code", "finished_at"))
        code, finished = column_of(source, "item_code"), column_of(source, "finished_at")
        statement = select(code, func.max(finished).label("finished_at")).group_by(code)
        rows = self._read(statement).drop_nulls()
        return rows.group_by("item_code").agg(last_finished_at=pl.col("finished_at").max())

    def _read(self, statement: Select[Any]) -> pl.DataFrame:
        batches = read_batches(self._engine, statement, self._profile.rules.schemas)
        return pl.concat([self._clean(batch) for batch in batches])

    def _clean(self, batch: pl.DataFrame) -> pl.DataFrame:
        raw = RawColumns(batch, self._profile.rules)
        return pl.DataFrame([self._column(raw, name) for name in _canonical(batch.columns)])

    @staticmethod
    def _column(raw: RawColumns, name: str) -> pl.Series:
        if name == "finished_at":
            return raw.timestamp(name).values.alias(name)
        return (raw.text(name) if name == "item_code" else raw.attribute_text(name, ())).alias(name)


def _canonical(names: Sequence[str]) -> list[str]:
    return [name.lower() if name.lower() in {"item_code", "finished_at"} else name for name in names]
