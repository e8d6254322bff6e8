"""Names and values by their indentation: as much of YAML as pnpm and Yarn write, and Yarn 1's own form beside it.

No anchors, no tags, no text over several lines: nothing here can grow beyond what stands in the file.
"""

from __future__ import annotations

import re
from typing import Any

from plumbline.artifacts.sbom.lockfile import LockError
from plumbline.kernel import t

# Each linear in the length of a line, whatever stands in it: no two parts of a pattern may take the same blanks.
_KEY = re.compile(
    r"""(?P<space>\x20*)(?P<explicit>\?\s+)?(?:"(?P<double>(?:[^"\\]|\\.)*)"\s*|'(?P<single>(?:[^']|'')*)'\s*|(?P<plain>[^\s"'#\-\[{][^\n]*?))
        (?::(?:\s+(?P<value>.*))?|(?P<end>))$""",
    re.VERBOSE,
)
_FLOW = re.compile(r"""(?:^|(?<=,))\s*([^\s:,{}]+):(\s*"(?:[^"\\]|\\.)*"\s*|\s*'[^']*'\s*|[^,{}]*)(?:,|$)""")
_DEEPEST = 20


def read_indented(text: str) -> dict[str, Any]:
    """Values are texts, or tables again. Lines of lists and of longer texts are passed over. Raises LockError
    ``malformed``, ``too-deep``."""
    root: dict[str, Any] = {}
    open_ = [(-1, root)]
    pending = ""  # a long name that stands alone
    for number, line in enumerate(text.splitlines(), 1):
        body = line.lstrip(" ")
        if not body or body[0] in "#-" or body.startswith(("---", "...")):
            continue
        if pending and body.startswith(":"):
            found_value, name, depth = body[1:].strip(), pending, len(line) - len(body)
        else:
            found = _KEY.match(line.rstrip())
            if found is None:
                if line[0] != " ":
                    raise LockError("malformed", t("Line {line} cannot be read.", line=number))
                continue
            depth, name, found_value = len(found["space"]), _name(found), (found["value"] or "").strip()
            if found["explicit"]:
                pending = name
                continue
            if found["end"] is not None:  # no colon: the rest of a longer text
                continue
        pending = ""
        while open_[-1][0] >= depth:
            open_.pop()
        table = open_[-1][1]
        if found_value and found_value[0] not in "|>":
            table[name] = _value(found_value)
            continue
        inside: dict[str, Any] = {}
        table[name] = inside
        open_.append((depth, inside))
        if len(open_) > _DEEPEST:
            raise LockError("too-deep", t("Line {line} is nested too deep.", line=number))
    return root


def _name(found: re.Match[str]) -> str:
    if found["double"] is not None:
        return re.sub(r"\\(.)", r"\1", found["double"])
    return found["single"].replace("''", "'") if found["single"] is not None else found["plain"].rstrip()


def _value(text: str) -> Any:
    if text.startswith("{") and text.endswith("}"):
        return {name: unquoted(value.strip()) for name, value in _FLOW.findall(text[1:-1])}
    return unquoted(text)


def unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text
