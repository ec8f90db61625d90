"""A part that measures nothing, as seen by the harness."""

import sys

from benchmarks.options import Options
from benchmarks.report import Bar, Report, Table
from benchmarks.running import run_alone


def run(options: Options) -> Report:
    seed = (options.seeds or (0,))[0]
    if seed == 13:
        return Report("Toy", "How toys are measured.", {}, skipped="the toys are not here")
    bars = (Bar("weight", float(seed), "g", at_most=10), Bar("colour", 0.5, beside=0.25, beside_name="oracle"))
    table = Table("By | part", ("part", "g"), (("wheel", 1.25), ("axle", None)), "A note.")
    return Report("Toy", "How toys are measured.", {"seed": str(seed)}, bars, (table,))


if __name__ == "__main__":
    sys.exit(run_alone(run, "toy_part"))
