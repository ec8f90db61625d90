"""What one run of the benchmark was asked for; the same options for every part."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.settings import PROJECT_ROOT, SOURCE_ROOT

CACHE: Final = PROJECT_ROOT / "data" / "benchmarks"
DATA: Final = SOURCE_ROOT.parent / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Options:
    """What a part may be told; None leaves it to the part's own default."""

    items: int | None = None
    seeds: tuple[int, ...] | None = None
    sizes: tuple[int, ...] | None = None
    minutes: float | None = None
    requests: int | None = None
    folder: Path = CACHE
    """Demo plants that are written stay here for the next run, in folders <items>_<seed>."""
    data: Path = DATA
    """Third-party data; parts that need it skip where it is absent."""

    def arguments(self) -> list[str]:
        """Return the options as command-line arguments, folders left out: what a document may show."""
        chosen: list[str] = []
        for name, values in (
            *(("--items", self.items), ("--seed", self.seeds), ("--sizes", self.sizes)),
            *(("--minutes", self.minutes), ("--requests", self.requests)),
        ):
            if values is not None:
                chosen += [name, *map(str, values if isinstance(values, tuple) else (values,))]
        return chosen

    def all_arguments(self) -> list[str]:
        """Return everything that makes another process run with the same options."""
        return [*self.arguments(), "--folder", str(self.folder), "--data", str(self.data)]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that all parts share."""
    parser.add_argument("--items", type=int, help="size of the demo plant")
    parser.add_argument("--seed", type=int, nargs="+", help="seeds of plants or splits")
    parser.add_argument("--sizes", type=int, nargs="+", help="plant sizes of the scale part")
    parser.add_argument("--minutes", type=float, help="how long the soak part lasts")
    parser.add_argument("--requests", type=int, help="how many requests the fuzz part sends")
    parser.add_argument("--folder", type=Path, default=CACHE, help="where demo plants are kept between runs")
    parser.add_argument("--data", type=Path, default=DATA, help="the third-party data sets")


def options_of(parsed: argparse.Namespace) -> Options:
    """Return the options of parsed arguments."""
    return Options(
        *(parsed.items, _several(parsed.seed), _several(parsed.sizes), parsed.minutes, parsed.requests),
        folder=parsed.folder.resolve(),
        data=parsed.data,
    )


def _several(values: Sequence[int] | None) -> tuple[int, ...] | None:
    return tuple(values) if values is not None else None
