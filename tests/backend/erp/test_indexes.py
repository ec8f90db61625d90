import os
import re
import subprocess
import sys

import sqlglot
from sqlalchemy import inspect

from backend.erp.indexes import IndexAction, IndexOutcome, ensure_indexes
from backend.erp.profile import load_profile
from backend.settings import SOURCE_ROOT
from tests.backend.erp.ksm_plant import KsmPlant

KSM = load_profile(SOURCE_ROOT / "config" / "plants" / "ksm")


def _by_name(outcomes: list[IndexOutcome]) -> dict[str, IndexOutcome]:
    return {outcome.name: outcome for outcome in outcomes}


def test_indexes_are_made_once(plant: KsmPlant) -> None:
    assert {outcome.action for outcome in ensure_indexes(plant.engine, KSM)} == {IndexAction.MADE}
    assert {outcome.action for outcome in ensure_indexes(plant.engine, KSM)} == {IndexAction.PRESENT}
    table = next(name for name in inspect(plant.engine).get_table_names() if name.lower() == "bi_item_info_view")
    names = {index["name"] for index in inspect(plant.engine).get_indexes(table)}
    assert "idx_item_info_create_date" in names


def test_an_index_of_another_name_with_the_same_leading_column_is_enough(plant: KsmPlant) -> None:
    plant.run("CREATE INDEX theirs ON BI_WORK_ORDER_RESULTS (ITEM_CODE, OP_SEQ)")
    outcome = _by_name(ensure_indexes(plant.engine, KSM))["idx_work_order_item_code"]
    assert outcome.action is IndexAction.PRESENT
    assert "theirs leads with ITEM_CODE" in outcome.reason


def test_a_view_is_skipped_and_the_reason_given(plant: KsmPlant) -> None:
    plant.run("ALTER TABLE BI_WORK_ORDER_RESULTS RENAME TO results")
    plant.run("CREATE VIEW BI_WORK_ORDER_RESULTS AS SELECT * FROM results")
    outcome = _by_name(ensure_indexes(plant.engine, KSM))["idx_work_order_item_code"]
    assert outcome.action is IndexAction.SKIPPED
    assert "view" in outcome.reason


def test_a_table_or_column_that_is_absent_is_skipped(embedded_plant: KsmPlant) -> None:
    embedded_plant.run("DROP TABLE BI_ROUTING_VIEW")
    embedded_plant.run("ALTER TABLE BI_ITEM_INFO_VIEW DROP COLUMN CREATE_DATE")
    outcomes = _by_name(ensure_indexes(embedded_plant.engine, KSM))
    assert outcomes["idx_routing_item_code"].reason == "there is no such table"
    assert outcomes["idx_item_info_create_date"].reason == "the table has no column CREATE_DATE"


def test_the_hand_run_script_names_the_same_indexes_and_is_t_sql() -> None:
    script = (SOURCE_ROOT / "migrations" / "add_indexes.sql").read_text(encoding="utf-8")
    rows = re.findall(r"\(N'(\w+)', N'(\w+)', N'(\w+)'\)", script)
    assert rows == [(rule.name, rule.table, rule.columns[0]) for rule in KSM.rules.indexes]
    assert sqlglot.tokenize(script, read="tsql")


def _run(script: str, plant: KsmPlant) -> tuple[int, str]:
    environment = os.environ | {"ROUTING_ML_ROOT": str(plant.settings.root)}
    command = [sys.executable, str(SOURCE_ROOT / "scripts" / script)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.returncode, done.stdout.decode("utf-8")


def test_the_migration_script_does_both_databases_and_may_be_repeated(embedded_plant: KsmPlant) -> None:
    code, first = _run("migrate_database.py", embedded_plant)
    assert code == 0, first
    assert "migrated to" in first
    assert first.count("made (on") == 4
    code, second = _run("migrate_database.py", embedded_plant)
    assert code == 0
    assert "already at" in second
    assert second.count("present (") == 4


def test_the_connection_script_tells_success_and_failure_apart(embedded_plant: KsmPlant) -> None:
    code, said = _run("test_db_connection.py", embedded_plant)
    assert (code, said.count("✅")) == (0, 2), said
    embedded_plant.run("DROP TABLE BI_ROUTING_VIEW")
    code, said = _run("test_db_connection.py", embedded_plant)
    assert code == 1
    assert "❌" in said
    assert "no such table" in said
