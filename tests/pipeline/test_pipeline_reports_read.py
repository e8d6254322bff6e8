"""A key under ``artifacts:reports`` is said to be read where there is a format for it, and only there."""

from __future__ import annotations

from plumbline.pipeline.keyword import Status
from plumbline.pipeline.keywords.artifacts import PART
from plumbline.reports.parsers import parsers


def test_what_is_called_read_is_read() -> None:
    known = {key for part in parsers().values() for key in (part.name, *part.gitlab)}
    said = {
        one.path.removeprefix("reports:"): one.status is not Status.PARTIAL
        for one in PART.subkeys
        if one.path.startswith("reports:") and one.path.count(":") == 1
    }
    assert {key for key, read in said.items() if read} == {key for key in said if key in known}
