from pathlib import Path

import pytest
from sqlalchemy import make_url

from backend.errors import SettingError
from backend.settings import load_settings
from backend.state.database import open_state_engine, state_url


def test_the_state_is_a_file_of_the_installation_unless_told_otherwise(tmp_path: Path) -> None:
    assert state_url(load_settings(tmp_path)).database == str(tmp_path / "data" / "state.db")


@pytest.mark.parametrize(
    "url",
    [
        "secret-nonsense",
        "postgresql://u:secret@host:nonsense/d",
        "nobody+nothing://u:secret@host/d",
        "postgresql+notinstalled://u:secret@host/d",
        "mssql+pymssql://u:secret@host/d",
    ],
)
def test_a_state_database_that_cannot_be_used_is_refused_with_an_example_and_without_showing_it(
    tmp_path: Path, url: str
) -> None:
    (tmp_path / ".env").write_text(f"STATE_DATABASE_URL={url}\n", encoding="utf-8")
    with pytest.raises(SettingError, match=r"STATE_DATABASE_URL.*postgresql\+psycopg://") as caught:
        state_url(load_settings(tmp_path))
    assert "secret" not in str(caught.value)


def test_a_postgresql_that_is_silent_is_given_up_soon_unless_its_address_says_otherwise() -> None:
    url = "postgresql+psycopg://u:p@host/d"
    waits = open_state_engine(make_url(url)).url.query
    assert (waits["connect_timeout"], waits["tcp_user_timeout"], waits["keepalives_idle"]) == ("5", "10000", "5")
    assert open_state_engine(make_url(f"{url}?connect_timeout=60")).url.query["connect_timeout"] == "60"
