"""The state database as commands read it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine


def own_state() -> "Engine":
    """Return the installation's state database, brought to the schema of this release."""
    from backend.settings import load_settings
    from backend.state.database import open_state_engine, state_url
    from backend.state.migrating import migrate_state

    settings = load_settings()
    migrate_state(settings)
    return open_state_engine(state_url(settings))
