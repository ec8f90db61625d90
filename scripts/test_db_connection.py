"""Try the plant's database: what is configured, whether it answers, what is in it, and what to do if not."""

import sys

from sqlalchemy import text

from backend._connection_pool import connect, plant_engine, plant_url, shown_name, uses_embedded_plant
from backend.erp.embedded import active_profile_name, is_empty
from backend.erp.reading import PlantReader
from backend.errors import RoutingMLError
from backend.settings import Settings, load_settings

_VERSION_QUERIES = {
    "sqlite": "SELECT 'SQLite ' || sqlite_version()",
    "postgresql": "SELECT version()",
    "mssql": "SELECT @@VERSION",
}


def main() -> int:
    """Print ✅ or ❌ with cause and remedy; return 0 when the plant can be read or is new, else 1."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # a Windows console knows no ✅ in its own code page
    try:
        settings = load_settings()
        _try_connection(settings)
        _try_profile(settings)
    except RoutingMLError as error:
        print(f"❌ {error}")
        return 1
    return 0


def _try_connection(settings: Settings) -> None:
    url = plant_url(settings)
    origin = "embedded plant, nothing else is configured" if uses_embedded_plant(settings) else "from .env"
    print(f"   Database: {shown_name(url)} ({url.drivername}; {origin})")
    with connect(plant_engine(settings)) as connection:
        query = _VERSION_QUERIES.get(connection.dialect.name)
        version = str(connection.execute(text(query)).scalar()).splitlines()[0] if query else connection.dialect.name
    print(f"✅ Database connection successful: {version}")


def _try_profile(settings: Settings) -> None:
    if uses_embedded_plant(settings) and is_empty(settings.plant_database_path):
        print("➖ It is still empty: 'routing-ml demo' or 'routing-ml import FOLDER --profile NAME' fills it")
        return
    attributes = PlantReader(settings).attributes
    name = active_profile_name(settings)
    print(f"✅ Plant profile {name!r} fits: items, routings and work orders can be read, {len(attributes)} attributes")


if __name__ == "__main__":
    sys.exit(main())
