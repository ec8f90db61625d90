"""The job folders: state.json as a projection of the job's row, attempt folders, log lines."""

import json
import os
import shutil
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from backend.domain.jobs import JobKind, JobRecord
from backend.iter_training.jobs.job_store import JobStore
from backend.registry.durable_files import move_over, replace_durable

FOLDERS: Final = {
    JobKind.TRAINING: "training_jobs",
    JobKind.EVALUATION: "evaluation_jobs",
    JobKind.REFRESH: "refresh_jobs",
}

# Names inside an attempt folder. The parent writes the request and the process, the child the others.
REQUEST_FILE: Final = "request.json"
PROCESS_FILE: Final = "process.json"
PROGRESS_FILE: Final = "progress.json"
RESULT_FILE: Final = "result.json"
ERROR_FILE: Final = "error.json"
LOG_FILE: Final = "log.txt"


class JobFiles:
    """Where the files of jobs are; paths come from rows, never from what a user typed."""

    def __init__(self, data_dir: Path, store: JobStore) -> None:
        self._data_dir = data_dir
        self._store = store

    def folder(self, job: JobRecord) -> Path:
        """Return the folder of a job."""
        return self._data_dir / FOLDERS[job.kind] / job.job_id

    def attempt_folder(self, job: JobRecord, attempt: int | None = None) -> Path:
        """Return the folder of one attempt, by default the present one."""
        return self.folder(job) / f"attempt_{job.attempt if attempt is None else attempt:02d}"

    def project(self, job_id: str) -> JobRecord:
        """Write a job's row to its state.json unless the file already tells it; return the row.

        The row is read under a lock that all processes share, so the last writer always has the
        newest row and the file never goes back in time.
        """
        self._data_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(self._data_dir / ".state_files.lock", fallback_to_soft=False, preserve_lock_file=True):
            job = self._store.get(job_id)
            path = self.folder(job) / "state.json"
            if _seq_in(path) != job.seq:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_json(path, job_as_dict(job))
        return job

    def discard_work(self, job: JobRecord) -> None:
        """Delete the folders inside a finished job's attempts (bundles, checkpoints); its small files stay."""
        for entry in self.folder(job).glob("attempt_*/*/"):
            shutil.rmtree(entry, ignore_errors=True)

    def log_lines(self, job: JobRecord, after: int = 0) -> list[str]:
        """Return the complete log lines of all attempts in order, leaving out the first `after`."""
        lines: list[str] = []
        for attempt in range(1, job.attempt + 1):
            path = self.attempt_folder(job, attempt) / LOG_FILE
            text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
            lines += text[: text.rfind("\n") + 1].splitlines()
        return lines[after:]


def job_as_dict(job: JobRecord) -> dict[str, Any]:
    """Return a job as plain values for JSON; times end in Z because they are UTC."""
    return {
        name: value.isoformat(timespec="milliseconds") + "Z" if isinstance(value, datetime) else value
        for name, value in asdict(job).items()
    }


def write_json(path: Path, content: dict[str, Any], *, durable: bool = True) -> None:
    """Write a JSON file so that any reader, after any crash, sees the old or the new one whole."""
    data = json.dumps(content, ensure_ascii=False, indent=1).encode()
    if durable:
        replace_durable(path, data)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(data)
    move_over(temporary, path)


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a JSON object; None where there is no such file or it holds no whole object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _seq_in(path: Path) -> Any:
    return (read_json(path) or {}).get("seq")
