import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

_USER = "postgres"


def _binary(name: str) -> str | None:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(installed[-1]) if installed else shutil.which(name)


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Path]:
    """A throw-away PostgreSQL cluster that listens on a socket in the folder it yields."""
    initdb, postgres = _binary("initdb"), _binary("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql), so nothing is proven on it here")
    folder = Path(tempfile.mkdtemp(prefix="routing-pg-"))
    # PostgreSQL refuses to run as root; a container's tests do run as root.
    user = _USER if os.name == "posix" and os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = str(folder / "data")
    subprocess.run(
        [initdb, "-D", data, "-U", _USER, "-E", "UTF8", "-A", "trust", "--no-sync"],
        user=user,
        check=True,
        capture_output=True,
    )
    options = ["-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([postgres, "-D", data, *options], user=user, stdout=log, stderr=log)
    try:
        _wait_until_it_answers(folder)
        yield folder
    finally:
        server.send_signal(signal.SIGINT)  # a fast shut-down; SIGTERM would wait for every client
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_cluster: Path) -> Iterator[str]:
    """The URL of an empty database of its own."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(_conninfo(postgresql_cluster), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield f"postgresql://{_USER}@/{name}?host={postgresql_cluster}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _conninfo(folder: Path) -> str:
    return f"host={folder} user={_USER} dbname=postgres"


def _wait_until_it_answers(folder: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(_conninfo(folder)).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
