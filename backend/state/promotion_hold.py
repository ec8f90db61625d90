"""The hold on automatic promotion: set by a roll-back of the watch, cleared by a person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select, update

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
    """Return the newest hold that nobody has released, None where there is none."""
    columns = (promotion_holds.c.held_at, promotion_holds.c.version, promotion_holds.c.reason)
    query = select(*columns).where(promotion_holds.c.released_at.is_(None)).order_by(promotion_holds.c.held_at.desc())
    with reading(engine) as connection:
        row = connection.execute(query).mappings().first()
    return PromotionHold(**row) if row else None


def was_held(engine: Engine, version: str) -> bool:
    """Tell whether a version was rolled back before, be the hold released or not."""
    with reading(engine) as connection:
        known = select(promotion_holds.c.version).where(promotion_holds.c.version == version)
        return connection.execute(known).first() is not None


def set_hold(engine: Engine, hold: PromotionHold) -> None:
    """Hold automatic promotion because of a version that was not held before."""
    row = {"held_at": hold.held_at, "version": hold.version, "reason": hold.reason, "released_at": None}
    with engine.begin() as connection:
        connection.execute(insert(promotion_holds), row)


def clear_hold(engine: Engine, now: datetime) -> bool:
    """Let automatic promotion go on; returns whether it was held."""
    held = update(promotion_holds).where(promotion_holds.c.released_at.is_(None))
    with engine.begin() as connection:
        return connection.execute(held.values(released_at=now)).rowcount > 0
