"""Sets logging up for one process: the quality log, the application log and the console."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from backend.monitoring.log_format import LineFormatter, secrets_of
from backend.monitoring.log_rotation import RotationPolicy, SharedRotatingHandler
from backend.monitoring.redirected_output import RedirectedOutput
from backend.settings import Settings

QUALITY_LOGGER: Final = "routing_ml.quality"
"""Every quality evaluation writes its lines here; they land in logging.file of the settings."""
APP_LOG_NAME: Final = "app.log"
_logger = logging.getLogger(__name__)
_UVICORN_LOGGERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.access")


def app_log_file(settings: Settings) -> Path:
    """Return the file that keeps what the console shows, across restarts."""
    return settings.log_dir / APP_LOG_NAME


def log_for_operators(settings: Settings, logger: logging.Logger, level: int, message: str) -> None:
    """Log a line, and see to it that the application log has it where this process keeps none itself.

    What a command does stands then beside what servers do. The line is written past the logger's handlers, so that
    threads which log at once do not write each other's lines.
    """
    if logger.hasHandlers():  # else Python would print warnings, which the command tells in its own way
        logger.log(level, "%s", message)
    path = app_log_file(settings)
    kept = (one for one in logging.getLogger().handlers if isinstance(one, SharedRotatingHandler))
    if any(one.path == path for one in kept) or level < logging.getLevelNamesMapping()[settings.config.logging.level]:
        return
    handler = SharedRotatingHandler(path, RotationPolicy.of(settings))
    handler.setFormatter(LineFormatter(secrets_of(settings)))
    handler.handle(logger.makeRecord(logger.name, level, "", 0, message, (), None))
    handler.close()


class LogFiles:
    """The log handlers of one process, attached while it is open."""

    def __init__(
        self, settings: Settings, *, console: bool = True, on_dropped_line: Callable[[], None] | None = None
    ) -> None:
        policy = RotationPolicy.of(settings)
        self._formatter = LineFormatter(secrets_of(settings))
        self._level = settings.config.logging.level
        self._attached: list[tuple[logging.Logger, logging.Handler]] = []
        self._files = (
            SharedRotatingHandler(settings.quality_log_file, policy, on_dropped_line=on_dropped_line),
            SharedRotatingHandler(app_log_file(settings), policy, on_dropped_line=on_dropped_line),
        )
        self._console = logging.StreamHandler(sys.stderr) if console else None
        self._output = RedirectedOutput(settings.root / "logs", policy) if console else None
        self._before: list[tuple[logging.Logger, int, bool, list[logging.Handler]]] = []

    @property
    def dropped_lines(self) -> int:
        """Lines that could not be written (disk full, folder gone) since the start."""
        return sum(handler.dropped_lines for handler in self._files)

    def open(self) -> None:
        """Attach the handlers; uvicorn's own lines take the same form and way."""
        quality_file, app_file = self._files
        self._remember("", "routing_ml", "backend", QUALITY_LOGGER, *_UVICORN_LOGGERS)
        self._attach(QUALITY_LOGGER, quality_file)
        self._attach("", app_file)
        if self._console:
            self._attach("", self._console)
            self._take_over_uvicorn()
        self._set_levels()
        if self._output:
            self._output.start()
        _make(quality_file.path)

    def close(self) -> None:
        """Detach and close what was opened, and leave the loggers as they were."""
        if self._output:
            self._output.close()
        for logger, handler in self._attached:
            logger.removeHandler(handler)
            handler.close()
        self._attached.clear()
        for logger, level, propagate, handlers in self._before:
            logger.setLevel(level)
            logger.propagate = propagate
            logger.handlers[:] = handlers
        self._before.clear()

    def _remember(self, *names: str) -> None:
        for logger in map(logging.getLogger, names):
            self._before.append((logger, logger.level, logger.propagate, list(logger.handlers)))

    def _set_levels(self) -> None:
        """Libraries are heard from WARNING on; the quality log is written at any level."""
        logging.getLogger().setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[self._level]))
        logging.getLogger("routing_ml").setLevel(self._level)
        logging.getLogger("backend").setLevel(self._level)
        logging.getLogger(QUALITY_LOGGER).setLevel(logging.INFO)

    def _attach(self, name: str, handler: logging.Handler) -> None:
        handler.setFormatter(self._formatter)
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        self._attached.append((logger, handler))

    def _take_over_uvicorn(self) -> None:
        """Our access lines carry request id and duration, so uvicorn's would only repeat them."""
        for name in _UVICORN_LOGGERS:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = name != "uvicorn.access"


def _make(path: Path) -> None:
    """Make an empty file where there is none, so that it can be followed ('tail -f') before its first line."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        _logger.warning("%s cannot be made: %s", path, error)


@contextmanager
def log_files(settings: Settings, *, console: bool = True) -> Iterator[LogFiles]:
    """Keep logging set up for as long as the block runs."""
    files = LogFiles(settings, console=console)
    files.open()
    try:
        yield files
    finally:
        files.close()
