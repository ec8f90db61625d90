"""Changes single values in the text of a YAML file and leaves every other character as it is.

The library's own round trip keeps comments, but lays a hand-written file out anew (indentation, aligned
comments); here it only says where each value stands. Whoever calls reads the result back before it is used.
"""

import json
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

_INDENT: Final = "  "


def with_value(text: str, section: str, key: str, value: Any) -> str:
    """Return the text with a key of a section set to a JSON value; what is not there yet is added."""
    newline = "\r\n" if "\r\n" in text else "\n"
    written = json.dumps(value, ensure_ascii=False)  # JSON is YAML, and quotes what YAML would misread
    root = YAML().compose(text)
    found = _entry(root, section)
    if found is None:
        return f"{_ended(text, newline)}{section}:{newline}{_INDENT}{key}: {written}{newline}"
    name, part = found
    if not isinstance(part, MappingNode) or not part.value:
        return _in_empty(text, name, part, f"{key}: {written}", newline)
    entry = _entry(part, key)
    if entry is not None:
        old = entry[1]
        is_block = isinstance(old, CollectionNode) and not old.flow_style
        indent = _INDENT if is_block else ""  # a list's dashes may stand below the key; what takes their place may not
        return text[: old.start_mark.index] + indent + written + text[_end(old) :]
    if part.flow_style:
        return _spliced(text, _end(part.value[-1][1]), f", {key}: {written}")
    indent = " " * part.value[0][0].start_mark.column
    return _line_after(text, _end(part.value[-1][1]), f"{indent}{key}: {written}", newline)


def _entry(node: Node | None, name: str) -> tuple[Node, Node] | None:
    pairs = node.value if isinstance(node, MappingNode) else []
    return next(((key, value) for key, value in pairs if key.value == name), None)


def _in_empty(text: str, name: Node, part: Node, entry: str, newline: str) -> str:
    """Fill a section that has no keys: `name:` with nothing behind it, `null`, or `{}`."""
    if isinstance(part, ScalarNode) and part.start_mark.index == part.end_mark.index:
        indent = " " * name.start_mark.column + _INDENT
        return _line_after(text, name.end_mark.index, f"{indent}{entry}", newline)
    return text[: part.start_mark.index] + "{" + entry + "}" + text[part.end_mark.index :]


def _end(node: Node) -> int:
    """Return where a value ends; a block's own mark stands behind the comments that follow it."""
    while isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _line_after(text: str, index: int, line: str, newline: str) -> str:
    """Add a line behind the one that an index is in, its comment included."""
    end = text.find("\n", index)
    if end < 0:
        return f"{text}{newline}{line}{newline}"
    return _spliced(text, end + 1, f"{line}{newline}")


def _spliced(text: str, index: int, addition: str) -> str:
    return text[:index] + addition + text[index:]


def _ended(text: str, newline: str) -> str:
    return text if not text or text.endswith("\n") else text + newline
