from datetime import datetime
from pathlib import Path

import pytest
import sqlglot
from sqlalchemy import create_engine
from sqlalchemy.dialects import mssql, postgresql, sqlite

from backend.erp.profile import TABLES, load_profile
from backend.erp.queries import REQUIRED_COLUMNS, finished_since, table_query, with_codes
from backend.errors import ProfileError
from backend.settings import SOURCE_ROOT

PLANTS = SOURCE_ROOT / "config" / "plants"
SHIPPED = ("ksm", "adventureworks", "production_4tu", "injection_moulding")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A profile that loads, to be broken in one place."""
    plant = tmp_path / "mine"
    plant.mkdir()
    for table in TABLES:
        sql = "SELECT '--' AS item_code /* ; */ FROM t;  -- a colon: and a ) to trip over"
        (plant / f"{table}.sql").write_text(sql, encoding="utf-8")
    (plant / "profile.yaml").write_text("description: mine\n", encoding="utf-8")
    return plant


def test_a_minimal_profile_loads_with_defaults(folder: Path) -> None:
    profile = load_profile(folder)
    assert profile.name == "mine"
    assert profile.sql["items"] == "SELECT '--' AS item_code   FROM t"
    assert profile.rules.time_zone == "UTC"


def test_an_attribute_may_have_a_label_for_each_language_or_one_for_all_and_a_unit(folder: Path) -> None:
    mass, name = "{kind: numeric, unit: kg, label: Mass}", "{kind: text, label: {ko: 이름, en: Name}}"
    yaml = f"description: x\nattributes: {{A: {mass}, B: {name}}}\n"
    (folder / "profile.yaml").write_text(yaml, encoding="utf-8")
    rules = load_profile(folder).rules.attributes

    assert [(rule.label.ko, rule.label.en) for rule in rules.values() if rule.label] == [
        ("Mass", "Mass"),
        ("이름", "Name"),
    ]
    assert [rule.shown_unit for rule in rules.values()] == ["kg", None]


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("description: x\ncolour: red\ntime_zon: UTC\n", ("unknown key colour", "unknown key time_zon")),
        ("description: x\nattributes: {A: {kind: numeric, unt: B}}\n", ("unknown key attributes.A.unt",)),
        ("description: x\nattributes: {A: {kind: text, label: {ko: 이름}}}\n", ("attributes.A.label.en",)),
        ("description: x\nattributes: {A: colour}\n", ("attributes.A.kind", "'colour'", "categorical")),
        ("description: x\ntime_zone: Asia/Atlantis\n", ("time_zone", "Asia/Seoul")),
        ("description: x\nwork_order_times: {run_minutes: fortnights}\n", ("work_order_times.run_minutes", "hours")),
        ("description: x\nimport: {tables: {t: {files: [t]}}, encoding: klingon}\n", ("import.encoding", "cp1252")),
        ("description: x\nexport: [{column: A}]\n", ("export.0", "a field, a value")),
        ("description: x\nexport: [{column: A, field: colour}]\n", ("export.0.field", "item_code")),
        ("description: x\nexport: [{column: A, field: sequence, unit: hours}]\n", ("export.0", "unit only with")),
        ("description: x\nexport: [{column: A, value: ''}, {column: A, value: ''}]\n", ("export", "every column once")),
        ("time_zone: UTC\n", ("description",)),
        ("description: [\n", ("not valid YAML",)),
    ],
)
def test_a_refused_key_is_named_with_what_is_allowed(folder: Path, yaml: str, said: tuple[str, ...]) -> None:
    (folder / "profile.yaml").write_text(yaml, encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(folder)
    assert all(words in str(caught.value) for words in said), str(caught.value)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("WITH a AS (SELECT 1) SELECT * FROM a", "does not start with SELECT"),
        ("SELECT 1; DELETE FROM t", "more than one statement"),
        ("DROP TABLE t", "does not start with SELECT"),
    ],
)
def test_only_one_select_per_table_is_accepted(folder: Path, sql: str, said: str) -> None:
    (folder / "items.sql").write_text(sql, encoding="utf-8")
    with pytest.raises(ProfileError, match=said):
        load_profile(folder)


def test_an_unknown_profile_is_answered_with_those_that_exist() -> None:
    with pytest.raises(ProfileError, match="adventureworks, injection_moulding, ksm, production_4tu"):
        load_profile(PLANTS / "nowhere")


def test_a_plant_whose_times_come_in_days_may_take_longer_before_it_is_absurd(folder: Path) -> None:
    assert load_profile(folder).rules.max_minutes() == 100_000
    for yaml, limit in (
        ("work_order_times: {run_minutes: days}", 2_000_000),
        ("work_order_times: {run_minutes: days}\nlimits: {max_minutes: 5000}", 5000),
    ):
        (folder / "profile.yaml").write_text(f"description: x\n{yaml}\n", encoding="utf-8")
        assert load_profile(folder).rules.max_minutes() == limit


def test_yaml_words_stay_words(folder: Path) -> None:
    yaml = "description: x\nin_house_values: [Y, 1, true, 사내]\nmissing_values: ['', nan, 9999]\n"
    (folder / "profile.yaml").write_text(yaml, encoding="utf-8")
    rules = load_profile(folder).rules
    assert rules.in_house_values == ("Y", "1", "true", "사내")
    assert rules.missing_values == ("", "nan", "9999")


@pytest.mark.parametrize("dialect", ["tsql", "postgres", "sqlite"])
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_sql_is_valid_on_every_database_and_names_the_columns(name: str, table: str, dialect: str) -> None:
    (statement,) = sqlglot.parse(load_profile(PLANTS / name).sql[table], read=dialect)
    assert isinstance(statement, sqlglot.exp.Select)
    assert set(REQUIRED_COLUMNS[table]) <= set(statement.named_selects)


@pytest.mark.parametrize(
    ("dialect", "parser"),
    [(mssql.dialect(), "tsql"), (postgresql.dialect(), "postgres"), (sqlite.dialect(), "sqlite")],  # type: ignore[no-untyped-call]
)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", SHIPPED)
def test_the_wrapped_query_is_valid_sql_with_bound_codes(name: str, table: str, dialect, parser: str) -> None:  # type: ignore[no-untyped-def]
    engine = create_engine("sqlite://")
    engine.dialect = dialect
    statement, source = table_query(engine, load_profile(PLANTS / name), table, REQUIRED_COLUMNS[table])
    (chunk,) = with_codes(statement, source, ["A'1", "품목"])
    sql = str(chunk.compile(dialect=dialect))
    assert "A'1" not in sql
    assert sqlglot.parse_one(sql.replace("__[POSTCOMPILE_item_code_1]", "1"), read=parser)


@pytest.mark.parametrize(
    ("dialect", "parser"),
    [(mssql.dialect(), "tsql"), (postgresql.dialect(), "postgres"), (sqlite.dialect(), "sqlite")],  # type: ignore[no-untyped-call]
)
@pytest.mark.parametrize("name", SHIPPED)
def test_the_query_for_newer_work_orders_is_valid_sql_on_every_database(name: str, dialect, parser: str) -> None:  # type: ignore[no-untyped-def]
    engine = create_engine("sqlite://")
    engine.dialect = dialect
    profile = load_profile(PLANTS / name)
    statement, source = table_query(engine, profile, "work_orders", REQUIRED_COLUMNS["work_orders"])
    newer = finished_since(engine, profile, statement, source, datetime(2024, 3, 1))  # noqa: DTZ001 - the plant's own time
    assert sqlglot.parse_one(str(newer.compile(dialect=dialect)), read=parser)


def test_long_code_lists_are_asked_in_chunks_within_sql_servers_limit() -> None:
    engine = create_engine("sqlite://")
    statement, source = table_query(engine, load_profile(PLANTS / "ksm"), "items", ["item_code"])
    chunks = list(with_codes(statement, source, [f"C{number}" for number in range(4500)]))
    sizes = [len(next(iter(chunk.compile().params.values()))) for chunk in chunks]
    assert max(sizes) <= 2000
    assert sum(sizes) == 9000, "each code also with a leading space"
