"""Finds every permission check and every duty in the source, and what it looks like without it or weakened.

The main form is a unit of work that is asked about a use case: ``unit.require(use_cases.CANCEL_PIPELINE, node)``, or a
helper that is told which one. Beside it stand ``unit.breaks_duty(...)``, what routes and pages declare (``use_case=``),
calls that name a permission, questions (``may``) whose answer is taken for yes, and conditions that refuse.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.forms import FORMS, REMOVED, called, is_free, weaker_entry

ROOMS = ("flow", "api", "web", "wiring", "http")  # where checks stand, as far as there are any
DRAWN = ("web/pages/", "web/panels.py", "web/settings.py", "web/estate.py", "web/rail.py")  # only what doors declare
TABLE = "access/use_cases.py"


Part = tuple[int, int, str]  # from where to where in the bytes of the file, and what stands there instead


@dataclass(frozen=True, slots=True)
class Mutant:
    """``parts``: what is changed together, since a check may be asked again in the change that acts. ``doors``: what it
    declares something for; where it declares nothing, they are found by who comes by."""

    path: str
    line: int
    parts: tuple[Part, ...]
    said: str
    doors: tuple[str, ...] = ()
    declares: bool = False

    def on(self, data: bytes) -> bytes:
        for start, end, text in sorted(self.parts, reverse=True):
            data = data[:start] + text.encode() + data[end:]
        return data


def mutants(source: Path) -> Iterator[Mutant]:
    """Of all checks below ``src/plumbline``, in the order of the files; and of the table itself."""
    for room in ROOMS:
        place = source / room
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place] if place.exists() else []:
            path = file.relative_to(source).as_posix()
            yield from _Reader(path, file.read_bytes()).mutants(declared_only=path.startswith(DRAWN))
    yield from _Reader(TABLE, (source / TABLE).read_bytes()).entries()


class _Reader:
    """Of one file."""

    def __init__(self, path: str, data: bytes) -> None:
        self._path = path
        self._data = data
        self._starts = [0]
        for line in data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def mutants(self, *, declared_only: bool) -> Iterator[Mutant]:
        """Of functions and methods, and of what is declared above and in their heads."""
        found: dict[tuple[Part, ...], Mutant] = {}
        for node in ast.walk(ast.parse(self._data)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for head in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
                doors = tuple(one.value for one in ast.walk(head) if isinstance(one, ast.Constant)
                              and isinstance(one.value, str) and one.value.startswith("/"))  # fmt: skip
                found |= self._below([head], doors, declares=True)
            if not declared_only:
                found |= self._below(node.body)
        yield from sorted(found.values(), key=lambda one: (one.line, one.said))

    def entries(self) -> Iterator[Mutant]:
        """Each entry of the table, weakened."""
        for node in ast.parse(self._data).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and called(node.value) == "UseCase":
                name = ast.literal_eval(node.value.args[0])
                for part, text, said in weaker_entry(node.value):
                    parts = ((*self._span(part), text),)
                    yield Mutant(self._path, part.lineno, parts, f"{name}: {said}", (name,), declares=True)  # type: ignore[attr-defined]

    def _below(
        self, nodes: Sequence[ast.AST], doors: tuple[str, ...] = (), *, declares: bool = False
    ) -> dict[tuple[Part, ...], Mutant]:
        said = self._said(nodes)
        for name, parts in said.items():  # a check that is taken away is asked by nobody who is told of it either
            if removed := REMOVED.fullmatch(name):
                others = (
                    one for other, each in said.items() if other.startswith(f"{removed[1]} weakened") for one in each
                )
                parts += [one for one in others if not any(start <= one[0] < end for start, end, _ in parts)]
        found = {}
        for name, parts in said.items():
            line = self._data.count(b"\n", 0, min(parts)[0]) + 1
            found[tuple(parts)] = Mutant(self._path, line, tuple(parts), name, doors, declares)
        return found

    def _said(self, nodes: Sequence[ast.AST]) -> dict[str, list[Part]]:
        """What can be said of these, with all the places that it is about."""
        every = [one for each in nodes for one in ast.walk(each)]
        free = {id(part) for one in every if is_free(one) for part in ast.walk(one)}
        said: dict[str, list[Part]] = {}
        for node in every:
            for form in FORMS if id(node) not in free else ():
                for text, name in form(node, self._text):
                    start, end = self._span(node.test if isinstance(node, ast.If) else node)
                    parts = said.setdefault(name, [])
                    if not any(start == known[0] and end == known[1] for known in parts):
                        parts.append((start, end, text))
        return said

    def _span(self, node: ast.AST) -> tuple[int, int]:
        return (
            self._starts[node.lineno - 1] + node.col_offset,  # type: ignore[attr-defined]
            self._starts[node.end_lineno - 1] + node.end_col_offset,  # type: ignore[attr-defined]
        )

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._data[start:end].decode()
