"""The shape of the source: rooms with one door, small files, and no sentence that cannot be translated."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "plumbline"
FILES = sorted(SOURCE.rglob("*.py"))
ROOMS = sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())
# Doors beside the `__init__`, each with its reason.
SIDE_DOORS = {
    "plumbline.kernel.text": "nt and in_language stand beside t, which is all that most files want",
    "plumbline.evidence.vocabulary": "what events say: a class for each type, which those who write that event want",
    "plumbline.evidence.origin": "whose word an event is: the doors for evidence and what reads it for facts ask that",
    "plumbline.evidence.cosignature": "what witnesses sign, which few ask for",
    "plumbline.evidence.rotation": "keys that follow another, which few ask for",
    "plumbline.evidence.witnessed": "checkpoints with their witnesses, which few ask for",
    "plumbline.evidence.witnessing": "how a witness is asked, which few ask for",
}
# Rooms of many nouns or verbs: each is imported from its own file, so that nobody pays for the others.
BY_FILE = ("plumbline.model.", "plumbline.flow.", "plumbline.http.", "plumbline.wiring.")
# Files that may be longer than 400 lines, each with its reason.
LONG_FILES: dict[str, str] = {}
LONGEST = 400


def names(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def imports(tree: ast.AST) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.append((node.lineno, node.module))
    return found


@pytest.mark.parametrize("path", FILES, ids=names)
def test_a_room_is_entered_only_through_its_init(path):
    own_room = path.relative_to(SOURCE).parts[0]
    wrong = []
    for line, module in imports(ast.parse(path.read_text())):
        parts = module.split(".")
        if (
            parts[0] != "plumbline"
            or len(parts) < 3
            or parts[1] not in ROOMS
            or module in SIDE_DOORS
            or module.startswith(BY_FILE)
        ):
            continue
        if parts[1] == own_room or own_room == "wiring":  # wiring alone opens the adapters one by one
            continue
        wrong.append(f"{names(path)}:{line}: {module}")
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=names)
def test_a_file_is_short(path):
    lines = len(path.read_text().splitlines())
    assert lines <= LONGEST or names(path) in LONG_FILES, f"{lines} lines: split it, or give the reason here"


def test_every_reason_for_a_long_file_is_still_needed():
    assert all(len((SOURCE / name).read_text().splitlines()) > LONGEST for name in LONG_FILES)


CALLS_THAT_SPEAK = {"echo", "say", "secho", "print", "fail"}


@pytest.mark.parametrize("path", sorted((SOURCE / "cli").rglob("*.py")), ids=names)
def test_what_the_command_line_says_can_be_translated(path):
    wrong = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in CALLS_THAT_SPEAK:
            wrong += [f"{names(path)}:{node.lineno}" for argument in node.args if is_sentence(argument)]
        wrong += [
            f"{names(path)}:{node.lineno}"
            for keyword in node.keywords
            if keyword.arg in {"help", "short_help", "epilog", "prompt"} and is_sentence(keyword.value)
        ]
    assert not wrong, "say it with t()"


def is_sentence(node: ast.expr) -> bool:
    """A literal with two words in a row: not a sign, a number or a name."""
    if isinstance(node, ast.JoinedStr):
        return any(is_sentence(part) for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        words = [word for word in node.value.split() if word.isalpha()]
        return len(words) > 1
    return False


@pytest.mark.parametrize("path", FILES, ids=names)
def test_sentences_for_translation_are_literals(path):
    """An f-string inside t() would be a different sentence every time."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"t", "nt"}:
            texts = node.args[: 1 if node.func.id == "t" else 2]
            assert all(isinstance(text, ast.Constant) for text in texts), f"{names(path)}:{node.lineno}"
