"""Text in any script as small comparable pieces."""

import re
import unicodedata
import zlib
from typing import Final

_RUNS: Final = re.compile(r"[^\W\d_]+|\d+")


def tokens_of(text: str) -> list[str]:
    """Return the distinct runs of letters and of digits, lower case, in order of appearance.

    >>> tokens_of("O-RING 25mm (규격) 316L")
    ['o', 'ring', '25', 'mm', '규격', '316', 'l']
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return list(dict.fromkeys(_RUNS.findall(plain)))


def text_code(text: str) -> int:
    """Return a number that equal texts share (case and spacing aside); 0 only for no text."""
    return zlib.crc32(" ".join(text.split()).casefold().encode("utf-8", "replace")) | 1 if text else 0
