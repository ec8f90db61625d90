import importlib.util
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from backend._connection_pool import connect, plant_engine, plant_name, plant_url, unavailable, uses_embedded_plant
from backend.erp.reading import PlantReader
from backend.errors import DatabaseMisfitError, DatabaseUnavailableError, SettingError
from backend.settings import Settings, load_settings

RUNBOOK_ENV = """\
# Database
DATABASE_SERVER=K3-DB
DATABASE_NAME=KsmErp
DATABASE_DRIVER=ODBC Driver 17 for SQL Server
DATABASE_TRUSTED_CONNECTION=yes
"""
RUNBOOK_TEST = """
from backend._connection_pool import get_connection
try:
    conn = get_connection()
    print('✅ Database connection successful')
except Exception as e:
    print(f'❌ Database connection failed: {e}')
"""


def _settings(root: Path, env: str) -> Settings:
    (root / ".env").write_text(env, encoding="utf-8")
    return load_settings(root)


def test_the_name_in_a_model_s_record_holds_no_secret_and_no_folder(tmp_path: Path) -> None:
    url = "DATABASE_URL=postgresql://planner:s3cret@k3:5433/erp?sslpassword=s3cret"
    assert plant_name(_settings(tmp_path, url)) == "postgresql+psycopg://k3:5433/erp"
    assert plant_name(_settings(tmp_path, "")) == "data/plant.db"


def test_the_runbooks_one_liner_succeeds_on_a_fresh_clone(tmp_path: Path) -> None:
    environment = os.environ | {"ROUTING_ML_ROOT": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", RUNBOOK_TEST], env=environment, capture_output=True, check=True)
    assert done.stdout.decode() == "✅ Database connection successful\n"
    assert (tmp_path / "data" / "plant.db").is_file()


def test_the_runbooks_env_means_windows_sign_in_without_encryption(tmp_path: Path) -> None:
    settings = _settings(tmp_path, RUNBOOK_ENV)
    url = plant_url(settings)
    assert url.host == "K3-DB"
    assert url.database == "KsmErp"
    assert url.query["Trusted_Connection"] == "yes"
    assert url.query["Encrypt"] == "no", "Driver 17 does not encrypt unless told to"
    assert not uses_embedded_plant(settings)


def test_a_driver_that_is_not_installed_is_dropped_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = _settings(tmp_path, "DATABASE_SERVER=K3-DB\nDATABASE_DRIVER=ODBC Driver 99 of Nobody\n")
    with caplog.at_level("INFO"):
        url = plant_url(settings)
    assert url.drivername == "mssql+mssqlpython"
    assert "driver" not in {key.lower() for key in url.query}, "mssql-python refuses the key"
    assert "ODBC Driver 99 of Nobody is not installed" in caplog.text


@pytest.mark.parametrize(
    ("lines", "encrypt"),
    [
        ("DATABASE_DRIVER=ODBC Driver 18 for SQL Server", "yes"),
        ("DATABASE_DRIVER=SQL Server", "no"),
        ("", "yes"),
        ("DATABASE_DRIVER=ODBC Driver 17 for SQL Server\nDATABASE_ENCRYPT=yes", "yes"),
        ("DATABASE_ENCRYPT=no", "no"),
    ],
)
def test_encryption_follows_the_named_driver_unless_it_is_set(tmp_path: Path, lines: str, encrypt: str) -> None:
    assert plant_url(_settings(tmp_path, f"DATABASE_SERVER=S\n{lines}\n")).query["Encrypt"] == encrypt


def test_a_user_name_replaces_windows_sign_in_and_its_password_is_never_shown(tmp_path: Path) -> None:
    env = (
        "DATABASE_SERVER=S\nDATABASE_USER=reader\nDATABASE_PASSWORD='p;w}d@1'\nDATABASE_TRUST_SERVER_CERTIFICATE=yes\n"
    )
    url = plant_url(_settings(tmp_path, env))
    assert (url.username, url.password) == ("reader", "p;w}d@1")
    assert "Trusted_Connection" not in url.query
    assert url.query["TrustServerCertificate"] == "yes"
    error = unavailable(url, RuntimeError("Login failed for user 'reader'"))
    assert "p;w}d@1" not in str(error)
    assert "DATABASE_PASSWORD" in error.remedy


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgresql://u@h/d", "postgresql+psycopg"),
        ("mssql://u@h/d", "mssql+mssqlpython"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg"),
        ("sqlite:////tmp/x.db", "sqlite"),
    ],
)
def test_a_url_without_driver_gets_ours(tmp_path: Path, given: str, driver: str) -> None:
    assert plant_url(_settings(tmp_path, f"DATABASE_URL={given}\n")).drivername == driver


@pytest.mark.parametrize("url", ["secret-nonsense", "postgresql://u:secret@host:nonsense/d"])
def test_a_broken_url_is_refused_without_showing_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingError, match="DATABASE_URL") as caught:
        plant_url(_settings(tmp_path, f"DATABASE_URL={url}\n"))
    assert "secret" not in str(caught.value)


@pytest.mark.skipif(bool(importlib.util.find_spec("mssql_python")), reason="mssql-python is installed here")
def test_a_missing_driver_package_is_named_with_the_command_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match=r'pip install -e "\.\[mssql\]"'):
        plant_engine(_settings(tmp_path, RUNBOOK_ENV))


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("SSPI Provider: No Kerberos credentials available", "kinit"),
        ("SSL Provider: certificate verify failed: self-signed certificate", "DATABASE_TRUST_SERVER_CERTIFICATE"),
        ("DDBC Error: Failed to load the driver", "libltdl7"),
        ("TCP Provider: Error code 0x2AF9", "DATABASE_SERVER"),
        ("TCP Provider: Error code 0x2749", "firewall"),
        ("Cannot open database 'KsmErp' requested by the login", "DATABASE_NAME"),
        ("Invalid object name 'BI_ITEM_INFO_VIEW'", "plant.profile"),
        ("operator does not exist: text >= timestamp without time zone", "finished_at must be a date"),
        ("Conversion failed when converting date and/or time from character string", "finished_at must be a date"),
        ("division by zero", "config/plants/<profile>"),
        ('syntax error at or near "ORDER"', "config/plants/<profile>"),
        ("function isnull(text, text) does not exist", "config/plants/<profile>"),
        ("something new", "test_db_connection.py"),
    ],
)
def test_known_causes_come_with_their_remedy(message: str, said: str) -> None:
    assert said in unavailable(create_engine("sqlite://").url, RuntimeError(message)).remedy


@pytest.mark.slow
def test_texts_are_joined_by_concat_as_on_a_server(tmp_path: Path) -> None:
    with connect(plant_engine(_settings(tmp_path, ""))) as connection:
        assert connection.exec_driver_sql("SELECT CONCAT('K-', 7, NULL, '/', 1000)").scalar() == "K-7/1000"


def test_a_database_that_does_not_fit_is_told_from_one_that_is_away() -> None:
    url = create_engine("sqlite://").url
    assert isinstance(unavailable(url, Exception("no such table: items")), DatabaseMisfitError)
    assert not isinstance(unavailable(url, Exception("connection refused")), DatabaseMisfitError)


def test_a_server_that_accepts_and_says_nothing_is_given_up_on(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings = _settings(tmp_path, f"DATABASE_URL=postgresql://u@127.0.0.1:{port}/d\n")
        started = time.monotonic()
        with pytest.raises(DatabaseUnavailableError):
            PlantReader(settings).check()
        assert time.monotonic() - started < 8, "five seconds are promised; the rest is for a busy machine"


def test_a_refused_connection_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings = _settings(tmp_path, f"DATABASE_URL=postgresql://u@127.0.0.1:{port}/d\n")
    with pytest.raises(DatabaseUnavailableError, match="refused"):
        PlantReader(settings).check()


def test_a_damaged_embedded_plant_is_named_as_such(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    settings.data_dir.mkdir()
    settings.plant_database_path.write_bytes(b"no database" * 1000)
    with pytest.raises(DatabaseUnavailableError, match="move it aside"):
        PlantReader(settings).check()


@pytest.mark.skipif("ROUTING_TEST_MSSQL_URL" not in os.environ, reason="ROUTING_TEST_MSSQL_URL names no SQL Server")
def test_a_real_sql_server_answers(tmp_path: Path) -> None:
    settings = _settings(tmp_path, f"DATABASE_URL={os.environ['ROUTING_TEST_MSSQL_URL']}\n")
    with connect(plant_engine(settings)) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
