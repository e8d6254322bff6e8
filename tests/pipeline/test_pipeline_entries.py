"""Every entry of GitLab, its checks, and snippets on either side of each: ``tests/cases/pipeline/entries.yml``."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple

import pytest
import yaml
from tests.pipeline.test_pipeline_plan import plan

from plumbline.model.problem import Severity
from plumbline.pipeline import keywords

ENTRIES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "cases/pipeline/entries.yml").read_text(encoding="utf-8")
)


class Snippet(NamedTuple):
    entry: str
    says: str
    text: str  # a whole file
    taken: bool  # by us
    keyword: str = ""  # the one whose differences say why GitLab does something else


def _snippets() -> list[Snippet]:
    found = []
    for entry in ENTRIES:
        for check in entry["checks"]:
            for within, whole in ((check, False), (check.get("file", {}), True)):
                for text in within.get("takes", ()):
                    found.append(Snippet(entry["entry"], check["says"], _file(text, whole), True))
                for text in within.get("refuses", ()):
                    found.append(Snippet(entry["entry"], check["says"], _file(text, whole), False))
                for text, other in within.get("differs", {}).items():
                    taken = other["theirs"] != "takes"
                    found.append(Snippet(entry["entry"], check["says"], _file(text, whole), taken, other["keyword"]))
    return found


def _file(text: str, whole: bool) -> str:
    return text if whole else f"j:\n  script: e\n{indent(text, '  ')}"


SNIPPETS = _snippets()


@pytest.mark.parametrize("entry", [entry["entry"] for entry in ENTRIES])
def test_takes_and_refuses_what_gitlab_does(entry: str) -> None:
    wrong = []
    for snippet in SNIPPETS:
        if snippet.entry == entry:
            problems = plan({"yaml": snippet.text}).problems
            errors = [str(problem.message) for problem in problems if problem.severity is Severity.ERROR]
            if bool(errors) == snippet.taken:
                wrong.append((snippet.text, errors or "taken"))
    assert not wrong


def test_there_are_enough_on_either_side() -> None:
    taken = sum(snippet.taken for snippet in SNIPPETS)
    assert taken >= 100
    assert len(SNIPPETS) - taken >= 100
    assert len({snippet.text for snippet in SNIPPETS}) == len(SNIPPETS)


def test_a_difference_has_its_reason_in_the_table_of_keywords() -> None:
    parts = keywords.parts()
    named = {snippet.keyword for snippet in SNIPPETS if snippet.keyword}
    assert {name for name in named if not parts[name].differs} == set()
