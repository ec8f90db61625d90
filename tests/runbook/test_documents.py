"""The documents name only files that exist, and only links that lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from backend.settings import SOURCE_ROOT

DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"docs/{name}.md" for name in ("architecture", "benchmarks", "glossary", "runbook", "plant-profiles", "api")),
]
SOURCE_FOLDERS = ("backend/", "config/plants/", "docs/", "scripts/", "migrations/", "tests/")


def named_files(text: str) -> Iterator[str]:
    for quoted in re.findall(r"`([^`\s]+)`", text):
        if quoted.startswith(SOURCE_FOLDERS) and "myplant" not in quoted and not re.search(r"[<{*]", quoted):
            yield quoted


def links(text: str) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if not target.startswith(("http", "#")):
            yield target.partition("#")[0]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_only_files_that_exist(document: str) -> None:
    text = (SOURCE_ROOT / document).read_text(encoding="utf-8")

    assert [name for name in named_files(text) if not (SOURCE_ROOT / name).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_links_of_a_document_lead_somewhere(document: str) -> None:
    path = SOURCE_ROOT / document

    assert [target for target in links(path.read_text(encoding="utf-8")) if not (path.parent / target).exists()] == []


def test_every_layer_of_the_code_is_on_the_map() -> None:
    text = (SOURCE_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = [path.parent for path in (SOURCE_ROOT / "backend").glob("*/__init__.py")]

    assert [package.name for package in packages if f"backend/{package.name}" not in text] == []


def test_contents_of_the_runbook_have_the_same_sections_as_the_contract() -> None:
    text = (SOURCE_ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    expected = {1: 5, 2: 5, 3: 2, 4: 4, 5: 6, 6: 4, 7: 4}

    for chapter, sections in expected.items():
        found = re.findall(rf"^### {chapter}\.(\d+) ", text, flags=re.MULTILINE)
        assert found == [str(number) for number in range(1, sections + 1)]


def test_the_picture_of_the_architecture_is_well_formed() -> None:
    root = ElementTree.parse(SOURCE_ROOT / "docs" / "architecture.svg").getroot()  # noqa: S314

    assert root.tag.endswith("svg")
    assert Path(SOURCE_ROOT / "README.md").read_text(encoding="utf-8").count("docs/architecture.svg") == 1
