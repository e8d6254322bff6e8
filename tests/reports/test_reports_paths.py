"""Where a path of a report is."""

from __future__ import annotations

import pytest

from plumbline.reports.paths import Place, place

ROOT = "/builds/bank/app"
OUTSIDE = Place("", outside=True)
CASES = {
    ("src/a.py", ""): Place("src/a.py"),
    ("./src//a.py", ""): Place("src/a.py"),
    ("src/../a.py", ""): Place("a.py"),
    ("../a.py", ""): OUTSIDE,
    ("src/../../a.py", ""): OUTSIDE,
    ("/builds/bank/app/src/a.py", ROOT): Place("src/a.py"),
    ("/builds/bank/app/../x/a.py", ROOT): OUTSIDE,
    ("/builds/bank/app2/a.py", ROOT): OUTSIDE,
    ("/builds/bank/app", ROOT): OUTSIDE,
    ("/usr/lib/python3/x.py", ROOT): OUTSIDE,
    ("/home/u/app/src/a.py", ""): Place("home/u/app/src/a.py", absolute=True),
    ("file:///builds/bank/app/a%20b.py", ROOT): Place("a b.py"),
    ("file:///C:/app/a.cs", "C:\\app"): Place("a.cs"),
    ("file://host/builds/bank/app/a.py", ROOT): Place("a.py"),
    ("C:\\app\\src\\a.cs", "C:\\app"): Place("src/a.cs"),
    ("src\\a.cs", ""): Place("src/a.cs"),
    ("..\\a.cs", ""): OUTSIDE,
    ("src/x\\..\\..\\..\\a.cs", ""): OUTSIDE,
    ("https://evil.example/a.py", ""): OUTSIDE,
    ("file:///builds/bank/app/%2e%2e/%2e%2e/etc/passwd", ROOT): OUTSIDE,
    ("a\0b.py", ""): Place("a\ufffdb.py"),
    ("", ""): Place(""),
}


@pytest.mark.parametrize(("said", "root"), CASES)
def test_paths(said: str, root: str) -> None:
    assert place(said, root) == CASES[said, root]
