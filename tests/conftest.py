"""Settings of the whole test run."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow tests last, so that a quick test that fails is seen early."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
