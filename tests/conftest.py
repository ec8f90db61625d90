"""Settings of the whole test run."""

import os

import pytest
from hypothesis import settings

# Machines are shared and noisy, so no test judges an example by its duration. The gate draws the same
# examples every time; a person's run draws new ones, which is where new counterexamples come from.
settings.register_profile("person", deadline=None)
settings.register_profile("gate", deadline=None, derandomize=True)
settings.load_profile("gate" if os.environ.get("CI") else "person")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow tests last, so that a quick test that fails is seen early."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
