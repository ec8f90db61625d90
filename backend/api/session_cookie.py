"""The cookie that holds a session's id, out of reach of scripts and of other sites' requests."""

from fastapi import Request
from fastapi.responses import Response


def session_id_of(request: Request) -> str | None:
    """Return the session's id that a browser sends, None where it sends none."""
    return request.cookies.get(_name(request))


def set_session(request: Request, response: Response, session_id: str) -> None:
    """Hand the browser its session; it ends with the browser, or when the server says so."""
    response.set_cookie(
        _name(request), session_id, path="/", secure=_is_encrypted(request), httponly=True, samesite="strict"
    )
    response.headers["Cache-Control"] = "no-store"


def forget_session(request: Request, response: Response) -> None:
    """Let the browser forget a session that is over, where it sent one."""
    if session_id_of(request) is not None:
        response.delete_cookie(
            _name(request), path="/", secure=_is_encrypted(request), httponly=True, samesite="strict"
        )


def _name(request: Request) -> str:
    """Return the cookie's name; under TLS its prefix makes browsers keep it to this host and to TLS."""
    return "__Host-routing_ml" if _is_encrypted(request) else "routing_ml"


def _is_encrypted(request: Request) -> bool:
    """Tell whether a request came by TLS, here or, by the word of a proxy that uvicorn trusts, there."""
    return bool(request.scope["scheme"] == "https")
