"""Bring both databases to this release: the product's own state, and the indexes of the plant."""

import sys

from backend._connection_pool import plant_engine, plant_url, shown_name
from backend.cli.ordinary_faults import as_own_error
from backend.erp.embedded import active_profile_name
from backend.erp.indexes import IndexAction, ensure_indexes
from backend.erp.profile import load_profile
from backend.settings import Settings, find_profile_dir, load_settings
from backend.state.database import state_url
from backend.state.migrating import HEAD, migrate_state

_SIGNS = {IndexAction.MADE: "✅", IndexAction.PRESENT: "✅", IndexAction.SKIPPED: "➖", IndexAction.REFUSED: "⚠️"}


def main() -> int:
    """Print what was done, what was not and why; return 0 unless a database could not be used.

    An index that cannot be made is no failure: the product works without, only slower.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # a Windows console knows no ✅ in its own code page
    try:
        settings = load_settings()
        _migrate_state(settings)
        _migrate_plant(settings)
    except Exception as error:
        own = as_own_error(error)
        if own is None:
            raise
        print(f"❌ {own}")
        return 1
    return 0


def _migrate_state(settings: Settings) -> None:
    changed = migrate_state(settings)
    print(f"State database {shown_name(state_url(settings))}")
    print(f"✅ {'migrated to' if changed else 'already at'} {HEAD}")


def _migrate_plant(settings: Settings) -> None:
    profile = load_profile(find_profile_dir(settings.root, active_profile_name(settings)))
    print(f"Plant database {shown_name(plant_url(settings))}, profile {profile.name}")
    for outcome in ensure_indexes(plant_engine(settings), profile):
        print(f"{_SIGNS[outcome.action]} {outcome.name} on {outcome.table}: {outcome.action} ({outcome.reason})")


if __name__ == "__main__":
    sys.exit(main())
