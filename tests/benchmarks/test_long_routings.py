"""The plant of long routings is what it says."""

from pathlib import Path

from backend.domain.progress import no_progress
from backend.erp.reading import PlantReader
from backend.settings import load_settings
from benchmarks.long_routings import ITEMS, LOTS, STEPS, import_long_plant, item_code


def test_every_item_has_a_routing_of_600_operations_and_lots_that_made_them(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    settings.make_directories()
    import_long_plant(settings, 7)
    plant = PlantReader(settings).read_plant(no_progress)
    assert plant.items.height == ITEMS
    assert plant.routings.height == ITEMS * STEPS
    assert plant.work_orders.height == ITEMS * LOTS * STEPS
    assert item_code(1) in plant.items["item_code"].to_list()
