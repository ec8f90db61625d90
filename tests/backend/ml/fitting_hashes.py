"""Prints the bundle hash of each family on the tests' plant: python -m tests.backend.ml.fitting_hashes 1 as_made."""

import json
import sys
from dataclasses import replace

from backend.domain.plant import PlantData
from backend.ml.model import FAMILIES, ModelFitting
from backend.registry.bundle import bundle_hash, digest, part_files
from tests.backend.ml.conftest import make_plant


def shuffled(plant: PlantData) -> PlantData:
    items, routings, orders = (
        frame.sample(fraction=1.0, shuffle=True, seed=3) for frame in (plant.items, plant.routings, plant.work_orders)
    )
    return replace(plant, items=items, routings=routings, work_orders=orders)


def main(threads: int, shuffle: bool) -> None:
    plant = make_plant(items=120)
    fitting = ModelFitting(shuffled(plant) if shuffle else plant, None, seed=0, threads=threads)
    hashes = {}
    for family in FAMILIES:
        files = part_files(fitting.model(family).to_parts())
        hashes[family] = bundle_hash({name: digest(data) for name, data in files.items()})
    print(json.dumps(hashes))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] == "shuffled")
