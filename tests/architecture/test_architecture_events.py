"""Every type of event of our own is written by somebody, may be told by other tools, or is named here with a reason."""

from __future__ import annotations

import ast
from pathlib import Path

from plumbline.evidence.origin import kind_of
from plumbline.evidence.vocabulary import contents
from plumbline.facts import definitions

SOURCE = Path(__file__).parents[2] / "src" / "plumbline"
TO_COME: dict[str, str] = {}  # why a content of the vocabulary is written nowhere yet


def made_in(text: str) -> set[str]:
    """Names that are called: a content is written where its class is."""
    calls = (node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return {
        one.id if isinstance(one, ast.Name) else one.attr for one in calls if isinstance(one, ast.Name | ast.Attribute)
    }


def test_every_type_of_our_own_has_a_writer_or_a_door():
    files = (path for path in SOURCE.rglob("*.py") if "vocabulary" not in path.parts)
    written = set().union(*(made_in(path.read_text()) for path in files))
    ours = [content for name, content in contents().items() if ".plumbline-" in name]
    assert len(ours) > 60
    nobody = {one.__name__ for one in ours if one.__name__ not in written and not one.TOLD_BY_TOOLS}
    assert nobody == set(TO_COME)


FORGES = ("flow/pipelines/forge_events.py",)
REPOSITORIES = ("flow/assessments/observe.py", "flow/assessments/states.py", "flow/assessments/rewriting.py")


def test_who_writes_what_facts_rest_on_is_said_where_its_type_is():
    """What could be shown here is found out by it: a type that gets a writer, or a first fact, has to say so."""
    asked = {kind for one in definitions().values() for group in (one.needs, *one.also) for kind in group}
    asked.add("statement.attested")
    written = {str(one.relative_to(SOURCE)): made_in(one.read_text()) for one in SOURCE.rglob("*.py")}
    by_server = set().union(*(names for file, names in written.items() if file not in (*FORGES, *REPOSITORIES)))
    by_repository = set().union(*(written[file] for file in REPOSITORIES))
    by_server.discard("CommitObserved")  # of a push, which takes a repository too
    by_server.discard("BackupFinished")  # of its own records, which are nobody's repository
    rest_on = [one for type_, one in contents().items() if kind_of(type_, "/plumbline") in asked]
    assert len(rest_on) > 40
    for one in rest_on:
        assert (one.__name__ in by_server) == one.WRITTEN_HERE, one
        assert (one.__name__ in by_repository) == one.SHOWN_BY_REPOSITORY, one
