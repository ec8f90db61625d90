"""The application object that uvicorn is told: `backend.api.main:app`, or `api.main:app` inside backend/.

In the second case this module is imported as `api.main`, so its imports name `backend` in full.
"""

import sys

from backend.api.app import create_app
from backend.errors import SettingError
from backend.settings import load_settings

try:
    app = create_app(load_settings())
except SettingError as error:
    sys.exit(f"routing-ml: {error}")
