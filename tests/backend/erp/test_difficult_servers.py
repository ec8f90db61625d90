"""Servers that break connections off, or keep their text in another encoding: a real PostgreSQL, a proxy before it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import psycopg
import pytest

from backend._connection_pool import plant_engine
from backend.domain.progress import no_progress
from backend.erp import attended
from backend.erp.reading import PlantReader
from backend.errors import DatabaseUnavailableError
from backend.settings import Settings, load_settings
from tests.backend.erp.breaking_proxy import Proxy, proxy_to
from tests.backend.erp.ksm_plant import KsmPlant

SettingsFor: TypeAlias = Callable[[str], Settings]


@pytest.fixture
def settings_for(tmp_path: Path) -> Iterator[SettingsFor]:
    """Settings for a plant's URL; its connections are closed in the end."""
    made: list[Settings] = []

    def of(url: str) -> Settings:
        (tmp_path / ".env").write_text(f"DATABASE_URL={url}", encoding="utf-8")
        made.append(load_settings(tmp_path))
        return made[-1]

    yield of
    for each in made:
        plant_engine(each).dispose()


@pytest.fixture(params=["EUC_KR", "UTF8"])
def encoded_url(request: pytest.FixtureRequest, postgresql_cluster: Path) -> str:
    name = f"encoded_{request.param.lower()}"
    with psycopg.connect(f"host={postgresql_cluster} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} ENCODING '{request.param}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
    return f"postgresql://postgres@/{name}?host={postgresql_cluster}"


def test_text_arrives_whatever_encoding_the_database_keeps_it_in(settings_for: SettingsFor, encoded_url: str) -> None:
    plant = KsmPlant(settings_for(encoded_url))
    plant.add_item("A-1", ITEM_NM="샤프트 가공")
    plant.add_routing("A-1", OP_NAME="선삭")

    read = PlantReader(plant.settings).read_plant(no_progress)

    assert read.items["ITEM_NM"].to_list() == ["샤프트 가공"]
    assert read.routings["operation_name"].to_list() == ["선삭"]


def _reader_of_many_items(settings_for: SettingsFor, url: str, proxy: Proxy) -> PlantReader:
    """Fill a plant with more rows than a proxy lets through, and return a reader that asks through it."""
    KsmPlant(settings_for(url)).run(
        "INSERT INTO BI_ITEM_INFO_VIEW (ITEM_CD, ITEM_NM) "
        "SELECT 'A-' || n, repeat('name ', 40) FROM generate_series(1, 5000) AS n"
    )
    database = url.partition("@/")[2].partition("?")[0]
    reader = PlantReader(settings_for(f"postgresql://postgres@127.0.0.1:{proxy.port}/{database}"))
    reader.check()
    return reader


@pytest.mark.parametrize("with_reset", [True, False], ids=["reset", "closed"])
def test_a_connection_broken_off_amid_the_rows_is_told_in_one_line_and_the_next_one_works(
    settings_for: SettingsFor, postgresql_url: str, postgresql_cluster: Path, with_reset: bool
) -> None:
    with proxy_to(f"{postgresql_cluster}/.s.PGSQL.5432") as proxy:
        reader = _reader_of_many_items(settings_for, postgresql_url, proxy)
        proxy.breaks_after_bytes, proxy.with_reset = 200_000, with_reset
        with pytest.raises(DatabaseUnavailableError) as broken:
            reader.read_plant(no_progress)
        proxy.breaks_after_bytes = None

        assert reader.read_plant(no_progress).items.height == 5000
    assert "broke the connection off" in broken.value.remedy
    assert "SELECT" not in broken.value.cause


def test_a_server_that_hangs_amid_the_rows_is_given_up_on_and_the_next_reading_works(
    settings_for: SettingsFor, postgresql_url: str, postgresql_cluster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attended, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(attended, "PROOF_SECONDS", 0.5)
    with proxy_to(f"{postgresql_cluster}/.s.PGSQL.5432") as proxy:
        reader = _reader_of_many_items(settings_for, postgresql_url, proxy)
        proxy.silent_after_bytes = 200_000
        with pytest.raises(DatabaseUnavailableError) as silent:
            reader.read_plant(no_progress)
        proxy.silent_after_bytes, proxy.is_silent = None, False

        assert reader.read_plant(no_progress).items.height == 5000
    assert "no answer within" in silent.value.cause
    assert "firewall" in silent.value.remedy
