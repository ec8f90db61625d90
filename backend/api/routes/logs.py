"""The log files: pages from the newest entry back, following, and whole files. A client names a log, never a path."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from backend.api.log_events import LogEvents
from backend.api.schemas.common import Limit, Moment, naive_utc, problem_responses
from backend.api.schemas.logs import Cursor, LogLevelName, LogPageView, SearchText
from backend.api.services import ServicesDep
from backend.errors import EmptyLogError
from backend.monitoring.log_entries import LogFilter
from backend.monitoring.log_history import LogHistory, LogPosition
from backend.monitoring.log_parts import LogSource, log_path, parts_newest_first, stream_log

router = APIRouter(prefix="/api/logs", tags=["operating"])

Source = Annotated[LogSource, Query(description="app: all that is logged; quality: evaluations; server: the console")]
Level = Annotated[LogLevelName | None, Query(description="this level and those above it")]
Text = Annotated[SearchText, Query(description="anywhere in an entry, in capitals or not")]


def _wanted(
    level: Level = None,
    text: Text = "",
    since: Annotated[Moment | None, Query(description="without an offset: UTC")] = None,
    until: Annotated[Moment | None, Query(description="entries before this moment")] = None,
) -> LogFilter:
    return LogFilter(level, text, naive_utc(since), naive_utc(until))


@router.get("")
def page(
    services: ServicesDep,
    wanted: Annotated[LogFilter, Depends(_wanted)],
    source: Source = LogSource.APP,
    limit: Annotated[Limit, Query()] = 200,
    before: Annotated[Cursor | None, Query(description="page back: the `next` of the page before")] = None,
) -> LogPageView:
    """Show a log's entries, newest first, through rotated and gzipped files; a traceback is part of its entry."""
    history = LogHistory(log_path(services.settings, source))
    newest = None if before else history.newest()
    return LogPageView.of(source, history.page(wanted, limit, LogPosition.parse(before) or newest), newest)


@router.get(
    "/events",
    response_class=Response,
    responses={
        200: {
            "description": "server-sent events: `entry` with an entry of the log as in `GET /api/logs`; without end",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def events(  # noqa: PLR0913 - one argument per parameter
    request: Request,
    services: ServicesDep,
    *,
    source: Source = LogSource.APP,
    level: Level = None,
    text: Text = "",
    after: Annotated[
        Cursor | None, Query(description="begin behind this: `follow_from` of a page; otherwise with what comes now")
    ] = None,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    """Follow a log as it is written, across rotations; Last-Event-ID resumes."""
    history = LogHistory(log_path(services.settings, source))
    position = LogPosition.parse(last_event_id) or LogPosition.parse(after)
    if position is None:
        position = await run_in_threadpool(history.newest)
    return LogEvents(history, LogFilter(level, text), position).response(request)


@router.get(
    "/download",
    response_class=Response,
    responses={
        200: {"description": "the file", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **problem_responses({404: "nothing has been written to this log"}),
    },
)
def download(
    services: ServicesDep,
    source: Source = LogSource.APP,
    rotated: Annotated[bool, Query(description="with the rotated files, unpacked, oldest first")] = False,
) -> Response:
    """Send a log as one text file, as long as it is now."""
    path = log_path(services.settings, source)
    if not any(rotated or part.is_live for part in parts_newest_first(path)):
        raise EmptyLogError
    pieces = stream_log(path, with_rotated=rotated)
    name = f"routing-ml_{source.value}_{services.clock():%Y%m%dT%H%M%SZ}.log"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(pieces, media_type="text/plain; charset=utf-8", headers=headers)
