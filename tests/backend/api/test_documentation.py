import re

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from backend.api.schemas.export import ExportRequest
from backend.api.schemas.feedback import Agreement, FeedbackRequest, FeedbackView
from backend.api.schemas.items import AttributeList, ItemDetails, StandardsRequest, StandardsResponse
from backend.api.schemas.prediction import EXAMPLE_RESPONSE, PredictResponse


def test_the_documentation_page_and_all_it_loads_come_from_this_server(client: TestClient) -> None:
    page = client.get("/docs").text
    parts = re.findall(r'(?:href|src)="([^"]+)"', page)

    assert len(parts) == 4
    assert not [part for part in parts if part.startswith(("http", "//"))]
    assert [client.get(f"/{part}").status_code for part in parts] == [200] * 4


def test_the_documentation_page_runs_only_this_servers_scripts_and_stands_in_no_other_sites_frame(
    client: TestClient,
) -> None:
    policy = client.get("/docs").headers["content-security-policy"].split("; ")

    assert {"default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} <= set(policy)
    assert not [rule for rule in policy if rule.startswith("script-src")]


def test_every_operation_is_described_with_its_answers_and_problems(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    operations = {f"{method} {path}": one for path, found in paths.items() for method, one in found.items()}

    assert len(operations) >= 18
    for name, operation in operations.items():
        assert operation["description"], name
        assert "application/problem+json" in str(operation["responses"]["default"]), name
        assert "HTTPValidationError" not in str(operation), name


def test_bodies_and_answers_have_examples(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    predict = document["paths"]["/api/predict"]["post"]

    assert predict["responses"]["200"]["content"]["application/json"]["example"] == EXAMPLE_RESPONSE
    for name in ("PredictRequest", "TrainingRequest", "EvaluationRequest", "Health", "JobView", "Cycle"):
        assert document["components"]["schemas"][name]["examples"], name


def test_the_example_of_a_prediction_is_one() -> None:
    answer = PredictResponse.model_validate(EXAMPLE_RESPONSE)

    assert answer.predictions[0].best is not None


@pytest.mark.parametrize(
    "schema",
    [
        Agreement,
        AttributeList,
        ExportRequest,
        FeedbackRequest,
        FeedbackView,
        ItemDetails,
        StandardsRequest,
        StandardsResponse,
    ],
)
def test_the_example_of_a_body_has_its_form(schema: type[BaseModel]) -> None:
    (example,) = schema.model_json_schema()["examples"]

    assert set(schema.model_validate(example).model_fields_set) == set(example)


def test_every_reference_in_the_document_leads_somewhere(client: TestClient) -> None:
    text = client.get("/openapi.json").text
    known = client.get("/openapi.json").json()["components"]["schemas"]

    assert set(re.findall(r'"#/components/schemas/([^"]+)"', text)) <= set(known)
