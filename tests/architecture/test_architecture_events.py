"""Every type of event of our own is written by somebody, may be told by other tools, or is named here with a reason."""

from __future__ import annotations

import ast
from pathlib import Path

from plumbline.evidence.vocabulary import contents

SOURCE = Path(__file__).parents[2] / "src" / "plumbline"
TO_COME = {
    "GateEvaluated": "gates are a feature to come; nobody else may say what a gate of ours decided",
    "GateWaived": "as GateEvaluated",
}


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
