"""What the audit trail calls those that give commands on this machine."""

import getpass
from typing import Final

_MOST: Final = 120
"""Characters of an actor in the audit trail."""


def command_actor() -> str:
    """Return "cli:" and the operating system's user name; "cli:unknown" where the machine has none to tell."""
    try:
        name = getpass.getuser()
    except (KeyError, ImportError, OSError):  # what it raises depends on the system and the release of Python
        name = "unknown"
    return f"cli:{name}"[:_MOST]
