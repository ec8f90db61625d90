"""Passwords: what is accepted, and their argon2id hashes."""

import unicodedata
from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from backend.errors import WeakPasswordError

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 200

# The library's default of 64 MiB each would take a server over its 500 MB when many log in at once.
_HASHER: Final = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


def hash_password(password: str, user_name: str) -> str:
    """Return the hash to keep; raises WeakPasswordError where the password is too short, too long or the name."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise WeakPasswordError(f"it must have {MIN_LENGTH} to {MAX_LENGTH} characters")
    if user_name in password.casefold() and len(password) < len(user_name) + MIN_LENGTH:
        raise WeakPasswordError("it is little more than the user's name")
    if len(set(password)) < 4:
        raise WeakPasswordError("it repeats the same few characters")
    return _HASHER.hash(_composed(password))


def is_password(password: str, kept_hash: str | None) -> bool:
    """Tell whether a password belongs to a hash; for nobody's (None) that takes just as long, and it never does."""
    decoy = _decoy()  # made before the first answer, whosever it is
    right = _HASHER.verify(_composed(password), kept_hash or decoy)
    return right and kept_hash is not None


@cache
def _decoy() -> str:
    return _HASHER.hash("nobody's password")


def _composed(password: str) -> str:
    """Return the password as every keyboard gives it: macOS sends Korean taken apart."""
    return unicodedata.normalize("NFC", password)
