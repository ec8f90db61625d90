"""The real app over an installation, for requests that nobody should send: python -m benchmarks.fuzz_app ROOT --port N.

Jobs are queued and never run, so that a request to train costs no more than others; everything else is as served.
"""

import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from backend.api.app import create_app
from backend.domain.access import Role
from backend.domain.clock import utc_now
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import load_settings
from backend.state.api_keys import add_key
from backend.state.database import open_state_engine, state_url


def app_of(root: Path) -> FastAPI:
    """Return the app of an installation, with an engine that leaves jobs to others."""
    settings = load_settings(root)
    app = create_app(settings)
    services: Any = app.state.services
    services.jobs = JobEngine(settings, may_own=False)
    return app


def admin_key(root: Path) -> str:
    """Make a key that may do everything, and return it."""
    engine = open_state_engine(state_url(load_settings(root)))
    try:
        return add_key(engine, "fuzz", Role.ADMIN, utc_now(), actor="fuzz")[1]
    finally:
        engine.dispose()


if __name__ == "__main__":
    uvicorn.run(app_of(Path(sys.argv[1])), port=int(sys.argv[-1]), log_level="warning")
