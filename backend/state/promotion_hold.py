"""The hold on automatic promotion: set by a roll-back of the watch, cleared by a person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from backend.state.database import reading
from backend.state.tables import promotion_holds


@dataclass(frozen=True, slots=True)
class PromotionHold:
    """Why nothing is promoted automatically; the timestamp is naive UTC."""

    held_at: datetime
    version: str
    """The version that did not keep its promise."""
    reason: str


def read_hold(engine: Engine) -> PromotionHold | None:
    """Return the hold, None where there is none."""
    with reading(engine) as connection:
        row = connection.execute(select(promotion_holds)).mappings().first()
    return PromotionHold(**row) if row else None


def set_hold(engine: Engine, hold: PromotionHold) -> None:
    """Hold automatic promotion; a hold for the same version stays as it is."""
    with engine.begin() as connection:
        known = select(promotion_holds.c.version).where(promotion_holds.c.version == hold.version)
        if connection.execute(known).first() is None:
            connection.execute(delete(promotion_holds))
            row = {"held_at": hold.held_at, "version": hold.version, "reason": hold.reason}
            connection.execute(insert(promotion_holds), row)


def clear_hold(engine: Engine) -> bool:
    """Let automatic promotion go on; returns whether it was held."""
    with engine.begin() as connection:
        return connection.execute(delete(promotion_holds)).rowcount > 0
