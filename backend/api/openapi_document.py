"""Print the OpenAPI document without a server: `python -m backend.api.openapi_document`."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from backend.api.app import create_app
from backend.settings import load_settings


def openapi_document() -> dict[str, Any]:
    """Return the document of an installation with nothing in it; what is installed here does not change it."""
    with tempfile.TemporaryDirectory(prefix="routing-ml-") as folder:
        return create_app(load_settings(Path(folder))).openapi()


if __name__ == "__main__":
    json.dump(openapi_document(), sys.stdout)
