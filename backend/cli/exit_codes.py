"""What the exit codes of routing-ml mean."""

from enum import IntEnum
from typing import Final

from backend.errors import (
    BundleError,
    ImportFileError,
    InsufficientDataError,
    KeyNameTakenError,
    NoEvaluationError,
    NoModelError,
    NoPreviousVersionError,
    ProfileError,
    RefusedNameError,
    RoutingMLError,
    SettingError,
    UnknownJobError,
    UnknownKeyError,
    UnknownUserError,
    UnknownVersionError,
    UserExistsError,
    WeakPasswordError,
)


class ExitCode(IntEnum):
    """The codes every command keeps to."""

    OK = 0
    FAILED = 1
    """It was tried and did not work."""
    WRONG_INPUT = 2
    """An argument, a setting or a file was refused before anything was done."""
    ATTENTION = 3
    """It ran, and what it found needs somebody: a check failed, an item has no answer."""
    INTERRUPTED = 130
    """Ctrl+C."""


EXIT_CODES_HELP: Final = (
    "Exit codes: 0 done · 1 failed · 2 wrong argument, setting or file · "
    "3 done, but something needs attention · 130 interrupted."
)

_CODES: Final[dict[type[RoutingMLError], ExitCode]] = {
    SettingError: ExitCode.WRONG_INPUT,
    ProfileError: ExitCode.WRONG_INPUT,
    ImportFileError: ExitCode.WRONG_INPUT,
    UnknownVersionError: ExitCode.WRONG_INPUT,
    RefusedNameError: ExitCode.WRONG_INPUT,
    WeakPasswordError: ExitCode.WRONG_INPUT,
    UnknownUserError: ExitCode.WRONG_INPUT,
    UnknownKeyError: ExitCode.WRONG_INPUT,
    UserExistsError: ExitCode.WRONG_INPUT,
    KeyNameTakenError: ExitCode.WRONG_INPUT,
    UnknownJobError: ExitCode.WRONG_INPUT,
    NoModelError: ExitCode.ATTENTION,
    NoPreviousVersionError: ExitCode.ATTENTION,
    NoEvaluationError: ExitCode.ATTENTION,
    InsufficientDataError: ExitCode.ATTENTION,
    BundleError: ExitCode.ATTENTION,
}


def exit_code_of(error: RoutingMLError) -> ExitCode:
    """Return the code that tells this error to a script."""
    return _CODES.get(type(error), ExitCode.FAILED)
