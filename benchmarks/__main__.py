"""Measure the product and write docs/benchmarks.md: python -m benchmarks [PART …] (make bench PARTS="…").

Each part runs in a process of its own, one after another. A part that fails is named at the end and keeps its old
section; so does a part whose data is not here. Exit code 1 where a part failed or a limit is missed.
"""

import argparse
import ast
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from backend.registry.durable_files import replace_durable
from backend.settings import SOURCE_ROOT
from benchmarks.document import read_sections, section, skipped_section, with_sections
from benchmarks.machine import describe_machine
from benchmarks.options import Options, add_options, options_of
from benchmarks.printing import print_report
from benchmarks.running import PartFailedError, run_in_child

PARTS: Final[tuple[str, ...]] = (
    "accuracy",
    "ranges",
    "lead_times",
    "limits",
    "stale_standards",
    "trigger_rule",
    "gate_rule",
    "poisoned",
    "evaluation",
    "fuzz",
    "soak",
    "speed",
    "scale",
    "refresh",
    "interface",
    "adventureworks",
    "production_4tu",
    "injection_moulding",
)
"""The parts in the order of the document; each is a module benchmarks/<part>.py with run(options) -> Report."""
TRIALS: Final = ("faults_server", "faults_jobs")
"""Not measurements: they hurt the product on purpose, and are commands of their own."""
DOCUMENT: Final = SOURCE_ROOT / "docs" / "benchmarks.md"


def main() -> int:
    """Run the chosen parts, print them, and write their sections."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all when left out")
    parser.add_argument("--list", action="store_true", help="say what each part shows, and run none")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="the file whose sections are replaced")
    add_options(parser)
    parsed = parser.parse_args()
    unknown = [name for name in parsed.parts if name not in PARTS]
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}")
    if parsed.list:
        print("\n".join(list_of_parts()))
        return 0
    chosen = [name for name in PARTS if name in (parsed.parts or PARTS)]
    return run_parts(chosen, options_of(parsed), parsed.document)


def run_parts(names: Sequence[str], options: Options, document: Path, package: str = "benchmarks") -> int:
    """Run each part and write its section as soon as it is there; return the exit code."""
    troubles: list[str] = []
    for name in names:
        print(f"{name} ...", flush=True)
        try:
            troubles += _run_part(name, options, document, package)
        except PartFailedError as error:
            print(error, file=sys.stderr)
            troubles.append(f"FAILED  {error}")
    print("\n".join(["", f"written to {document.name}", *(troubles or ["no part failed, no limit was missed"])]))
    if troubles and (options.items or options.sizes):
        print("Limits are set for the sizes that parts have without --items and --sizes; smaller plants teach less.")
    return 1 if troubles else 0


def _run_part(name: str, options: Options, document: Path, package: str) -> list[str]:
    machine = describe_machine()
    measured = run_in_child(name, options, package)
    report = measured.report
    text = document.read_text(encoding="utf-8") if document.exists() else ""
    if report.skipped:
        print(f"{name}: {report.summary()}\n")
        new = {} if name in read_sections(text) else {name: skipped_section(report)}
    else:
        print_report(measured)
        new = {name: section(name, measured, machine, options.arguments())}
    replace_durable(document, with_sections(text, new, PARTS).encode())
    return [f"{bar.verdict}  {name}: {bar.name}" for bar in report.missed]


def list_of_parts() -> list[str]:
    """Return a line per part and per trial."""
    width = max(map(len, (*PARTS, *TRIALS))) + 2
    parts = [f"  {name:<{width}}{first_sentence(name)}" for name in PARTS]
    trials = [f"  {name:<{width}}{first_sentence(name)}" for name in TRIALS]
    return ["Parts:", *parts, "", "Trials, run as python -m benchmarks.<name>:", *trials]


def first_sentence(name: str) -> str:
    """Return what a module says of itself, without importing it."""
    source = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
