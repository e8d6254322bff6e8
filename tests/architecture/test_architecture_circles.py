"""No circle of files: whatever is imported, at the top, in a function or for types alone, stands below."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "plumbline"


def module_of(path: Path) -> str:
    parts = [SOURCE.name, *path.relative_to(SOURCE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST, names: Mapping[str, object]) -> Iterator[str]:
    """Every module of ours that a file imports, wherever in it: the deepest one of a name counts."""
    for node in ast.walk(tree):
        wanted = []
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            wanted = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in wanted:
            while name and name not in names:
                name = name.rpartition(".")[0]
            if name:
                yield name


def graph_of(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """By module: what it imports."""
    return {name: set(imported(ast.parse(text), texts)) - {name} for name, text in texts.items()}


def circle_in(graph: Mapping[str, set[str]]) -> list[str]:
    """The modules of one circle in order, the first one again at its end; empty where there is none."""
    done: set[str] = set()
    for start in sorted(graph):
        path: list[str] = []
        todo = [(start, iter(sorted(graph[start])))] if start not in done else []
        while todo:
            name, further = todo[-1]
            if not path or path[-1] != name:
                path.append(name)
            following = next((other for other in further if other not in done), None)
            if following is None:
                done.add(name)
                todo.pop()
                path.pop()
            elif following in path:
                return [*path[path.index(following) :], following]
            else:
                todo.append((following, iter(sorted(graph[following]))))
    return []


def test_no_files_import_each_other_in_a_circle():
    circle = circle_in(graph_of({module_of(path): path.read_text() for path in SOURCE.rglob("*.py")}))
    assert not circle, "a circle of files: " + " -> ".join(circle)


def test_a_circle_is_found_and_named():
    texts = {
        "plumbline": "",
        "plumbline.a": "from plumbline.b import B",
        "plumbline.b": "def f():\n    import plumbline.c",
        "plumbline.c": "if TYPE_CHECKING:\n    from plumbline import a",
        "plumbline.d": "from plumbline.a import A",
    }
    assert circle_in(graph_of(texts)) == ["plumbline.a", "plumbline.b", "plumbline.c", "plumbline.a"]
    assert circle_in(graph_of(texts | {"plumbline.c": ""})) == []
