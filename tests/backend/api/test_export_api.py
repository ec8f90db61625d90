import json
from typing import Any

import fastexcel
import pytest
from fastapi.testclient import TestClient

from backend.api.input_guard import LARGER_BODIES

OPERATION = {
    "sequence": 10,
    "operation_code": "=1+1",
    "operation_name": "선삭",
    "work_centre": "WC-T01",
    "in_house": True,
    "setup_minutes": 25,
    "run_minutes_per_unit": 4.2,
}
ROUTING = {"item_code": "00123", "operations": [OPERATION]}


def test_a_csv_file_has_a_byte_order_mark_the_erps_columns_and_no_formulas(client: TestClient) -> None:
    answer = client.post("/api/predict/export", json={"format": "csv", "routings": [ROUTING]})
    header, row, end = answer.content.decode().split("\r\n")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="routings_')
    assert header == (
        "\ufeffITEM_CODE,ROUT_NO,OP_SEQ,OP_CODE,OP_NAME,WC_CODE,WC_NAME,INOUT_GBN,SETUP_MIN,RUN_MIN,VALID_FROM,VALID_TO"
    )
    assert row.startswith("00123,01,10,'=1+1,선삭,WC-T01,,사내,25,4.2,20")
    assert end == ""


def test_a_workbook_keeps_codes_as_texts(client: TestClient) -> None:
    answer = client.post("/api/predict/export", json={"format": "xlsx", "routings": [ROUTING]})
    row = fastexcel.read_excel(answer.content).load_sheet("routings").to_polars().row(0, named=True)

    assert (row["ITEM_CODE"], row["OP_CODE"], row["SETUP_MIN"]) == ("00123", "=1+1", 25)


def test_json_has_an_object_per_operation(client: TestClient) -> None:
    routings = [ROUTING, {"item_code": None, "routing_code": "07", "operations": [OPERATION]}]
    rows = client.post("/api/predict/export", json={"format": "json", "routings": routings}).json()

    assert [(row["ITEM_CODE"], row["ROUT_NO"]) for row in rows] == [("00123", "01"), (None, "07")]


@pytest.mark.parametrize(
    "body",
    [
        {"format": "pdf", "routings": [ROUTING]},
        {"format": "csv", "routings": []},
        {"format": "csv", "routings": [ROUTING] * 1001},
        {"format": "csv", "routings": [ROUTING | {"operations": []}]},
        {"format": "csv", "routings": [ROUTING | {"probability": 1}]},
        {"format": "csv", "routings": [ROUTING], "columns": []},
    ],
)
def test_an_export_of_another_form_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/api/predict/export", json=body).status_code == 422


def test_a_thousand_routings_of_ten_operations_each_are_no_body_too_large(client: TestClient) -> None:
    routings = [{"item_code": f"{number:05}", "operations": [OPERATION] * 10} for number in range(1000)]
    body = json.dumps({"format": "csv", "routings": routings})
    answer = client.post("/api/predict/export", content=body, headers={"Content-Type": "application/json"})

    assert len(body) > 1024 * 1024
    assert answer.status_code == 200, answer.text
    assert answer.content.count(b"\r\n") == 10_001


def test_an_export_has_a_limit_too(client: TestClient) -> None:
    most = LARGER_BODIES["/api/predict/export"]
    answer = client.post("/api/predict/export", content=b" " * (most + 1), headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert str(most) in answer.json()["detail"]
