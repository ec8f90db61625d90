"""The web user interface: the built files of frontend-prediction/dist, with index.html at every page's address."""

from pathlib import Path, PureWindowsPath
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from backend.api.allowed_methods import USER_INTERFACE, allowed_methods
from backend.settings import SOURCE_ROOT

DIST: Final = SOURCE_ROOT / "frontend-prediction" / "dist"

# Scripts, fonts and requests come from this server alone. Styles may stand in the page: the component library
# (Mantine) writes its theme's variables and its sizes per screen width into <style> elements as it draws.
_POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
ROUTE: Final = USER_INTERFACE
_OURS: Final = ("api", "health", "metrics", "docs", "openapi.json")
"""The first parts of the addresses that belong to the API; what is unknown below them is not there."""
_HASHED: Final = "assets"
"""The folder of files whose names change with their content."""

_NOT_BUILT: Final = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Routing ML</title></head>
<body>
<h1>Routing ML</h1>
<p>The server runs, but its web user interface has not been built. With Node.js 20.19 or newer, run
<code>make run</code>, or <code>npm ci</code> and <code>npm run build</code> in <code>frontend-prediction</code>;
then reload this page.</p>
<p>The API needs no interface: <a href="docs">API documentation</a>, <a href="health">health</a>.</p>
</body>
</html>
"""


def add_user_interface(app: FastAPI, dist: Path = DIST) -> None:
    """Answer everything that no route before answers; files are looked up per request, so a new build shows at once."""

    def serve(path: str, request: Request) -> Response:
        if path.split("/", 1)[0] in _OURS:
            raise _not_there(request)
        return _answer(dist, path)

    app.add_api_route(ROUTE, serve, methods=["GET", "HEAD"], include_in_schema=False)


def _answer(dist: Path, path: str) -> Response:
    first = path.split("/", 1)[0]
    if not (dist / "index.html").is_file():
        return _page_without_build(path)
    file = _file_in(dist, path)
    if file is not None:
        return FileResponse(file, headers=_HEADERS | {"Cache-Control": _caching(first)})
    if first == _HASHED:
        raise HTTPException(404)  # a file of an older build; index.html in its place would be run as a script
    return FileResponse(dist / "index.html", headers=_HEADERS | {"Cache-Control": "no-cache"})


def _not_there(request: Request) -> HTTPException:
    """Return 405 where the API has this path for other methods, otherwise 404."""
    return HTTPException(405) if allowed_methods(request) else HTTPException(404)


def _page_without_build(path: str) -> Response:
    if path:
        raise HTTPException(404)
    return HTMLResponse(_NOT_BUILT, headers=_HEADERS | {"Cache-Control": "no-store"})


def _file_in(dist: Path, path: str) -> Path | None:
    """Return the file of that name where there is one inside dist, hidden files and index.html apart."""
    if path in {"", "index.html"} or any(part.startswith(".") for part in path.split("/")) or _leads_away(path):
        return None
    try:
        file = (dist / path).resolve()
        return file if file.is_file() and file.is_relative_to(dist.resolve()) else None
    except (OSError, ValueError):  # a name that no file can have
        return None


def _leads_away(path: str) -> bool:
    r"""Tell whether a name is none below a folder, without a look at the file system.

    On Windows the look itself would do harm: it hands the server's own login to the machine in `\\machine\share`.

    >>> [_leads_away(path) for path in ("icon.svg", "a/b.js", "//machine/share", r"\\machine\share", "C:x")]
    [False, False, True, True, True]
    """
    return PureWindowsPath(path).anchor != ""


def _caching(first: str) -> str:
    return "public, max-age=31536000, immutable" if first == _HASHED else "no-cache"
