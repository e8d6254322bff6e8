"""What the name of a test case is made of, where that can be told: parameters, and the file of a dotted class."""

from __future__ import annotations

import re

from plumbline.reports import limits

_BRACKETS = re.compile(r"([\w.$-]+)((?:\([^\[\]]*\)|\{[^\[\]]*\})?)\[(.*)\]", re.DOTALL)
_PHPUNIT = re.compile(r"(\w+) with (data set (?:#\d+|\".*\"))", re.DOTALL)
_SOURCE = re.compile(r".*[\w)]\.(?:[cm]?[jt]sx?|py|rb|php|go|java|kt|vue|feature|robot|exs?|dart|swift)", re.DOTALL)


def split(name: str) -> tuple[str, str]:
    """A name and its parameters: ``test_x[a-1]``, ``test(int)[1]``, ``testAdd with data set #0``. A sentence that ends
    with a bracket is one name."""
    if len(name) > limits.NAME:
        name = limits.name(name)
    if name[-1:] != "]" and " with data set " not in name:
        return name, ""
    head, _, inside = name.partition("[")
    if inside and head.isidentifier() and name[-1] == "]":
        return head, inside[:-1]
    if found := _BRACKETS.fullmatch(name):
        signature, inside = found[2], found[3]
        return found[1], f"{signature}[{inside}]" if signature else inside
    if found := _PHPUNIT.fullmatch(name):
        return found[1], found[2]
    return name, ""


def pytest_file(class_name: str) -> tuple[str, str]:
    """File and class of a class name that pytest wrote: ``tests.api.test_x.TestIt`` is ``TestIt`` in
    ``tests/api/test_x.py``. Without a part that pytest takes for a module, the class name as it is and no file."""
    parts = class_name.split(".")
    for place in range(len(parts) - 1, -1, -1):
        part = parts[place]
        if part.startswith("test_") or part.endswith("_test"):
            return "/".join(parts[: place + 1]) + ".py", ".".join(parts[place + 1 :])
    return "", class_name


def is_file(class_name: str) -> bool:
    """Whether a class name is the path of a source file, as vitest writes it."""
    return _SOURCE.fullmatch(class_name) is not None and " " not in class_name
