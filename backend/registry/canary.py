"""The canary: a child process that loads and asks a bundle before anything depends on it.

A bad bundle can take its process down without an exception; better this one than the server.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final, Literal, TypeAlias

from backend.errors import BundleError
from backend.registry.bundle import FileDigest
from backend.settings import SOURCE_ROOT

CANARY_TIMEOUT_SECONDS: Final = 180.0
_REMEDY: Final = "It is not activated; what was active goes on serving"

Canary: TypeAlias = Callable[[Path, Mapping[str, FileDigest]], None]
"""Raises BundleError where the bundle in the folder must not be activated."""


def run_canary(folder: Path, digests: Mapping[str, FileDigest], check: Literal["predict", "load"] = "predict") -> None:
    """Load the bundle and predict with it in a child process; raises BundleError where that fails."""
    command = [sys.executable, "-m", "backend.registry.canary_child", str(folder), check]
    message = json.dumps({name: asdict(expected) for name, expected in digests.items()})
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    try:
        child = subprocess.run(  # noqa: S603 - our own module and a folder of ours
            command, input=message, cwd=SOURCE_ROOT, env=environment, encoding="utf-8", errors="replace",
            capture_output=True, timeout=CANARY_TIMEOUT_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise BundleError(folder.name, f"a trial load took over {error.timeout:g} s", _REMEDY) from error
    if child.returncode != 0:
        last_line = (child.stderr.strip().splitlines() or [f"exit status {child.returncode}"])[-1]
        raise BundleError(folder.name, f"a trial load in a child process failed ({last_line})", _REMEDY)


def load_only_canary(folder: Path, digests: Mapping[str, FileDigest]) -> None:
    """Check digests and unpickling in a child process, but ask the model nothing."""
    run_canary(folder, digests, check="load")
