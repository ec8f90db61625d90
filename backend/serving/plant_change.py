"""Whether the plant that is configured now is the one that a model was made for."""

from backend._connection_pool import EMBEDDED_PLANT, uses_embedded_plant
from backend.domain.models import VersionRecord
from backend.erp.embedded import active_profile_name, is_elsewhere
from backend.errors import DatabaseUnavailableError
from backend.serving.health import HealthProblem
from backend.settings import Settings


def plant_change(settings: Settings, record: VersionRecord) -> HealthProblem | None:
    """Return what is wrong where an import or the .env has put another plant in the place of the model's."""
    try:
        read_by = active_profile_name(settings)
    except DatabaseUnavailableError:
        return None  # whoever looks at the plant says why
    if read_by != record.plant_profile:
        text = f"the model was made for plant profile {record.plant_profile!r}; the plant is read by {read_by!r} now"
        return HealthProblem(text, "Run 'routing-ml train'")
    made_from = record.extra.get("plant_database")
    if is_elsewhere(settings, made_from):
        now = EMBEDDED_PLANT if uses_embedded_plant(settings) else "the database that .env names"
        text = f"the model was made from {made_from}; the plant is {now} now"
        return HealthProblem(text, "Run 'routing-ml train'")
    return None
