"""The shape of the source: rooms with one door, small files, and no sentence that cannot be translated."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "plumbline"
FILES = sorted(SOURCE.rglob("*.py"))
ROOMS = sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())
# Doors beside the `__init__`, each with its reason.
SIDE_DOORS = {
    "plumbline.kernel.text": "nt and in_language stand beside t, which is all that most files want",
    "plumbline.evidence.vocabulary": "what events say: a class for each type, which those who write that event want",
    "plumbline.evidence.origin": "whose word an event is: the doors for evidence and what reads it for facts ask that",
    "plumbline.evidence.attestations": "what is said of artifacts under signatures, which few ask for",
    "plumbline.evidence.run_statements": "what is stated of runs, which few ask for",
    "plumbline.evidence.cosignature": "what witnesses sign, which few ask for",
    "plumbline.evidence.merkle": "proofs of many entries at once, which statements about runs alone ask for",
    "plumbline.evidence.reading": "an event in the words of today, for what is read in thousands",
    "plumbline.evidence.rotation": "keys that follow another, which few ask for",
    "plumbline.evidence.selection": "entries that are taken along one by one, which few ask for",
    "plumbline.maturity.frameworks": "catalogues of others, which only `plumb pack` reads",
    "plumbline.evidence.witnessed": "checkpoints with their witnesses, which few ask for",
    "plumbline.evidence.witnessing": "how a witness is asked, which few ask for",
    "plumbline.judging.constant": "whether a condition is answered alike whatever the facts are",
    "plumbline.judging.expressions": "conditions in CEL, whose engine nobody else should pay for",
    "plumbline.judging.rule_conditions": "conditions in the texts of policies and contracts",
    "plumbline.judging.rule_text": "how policies and contracts are read, with the place of every key",
    "plumbline.pipeline.source.syntax": "YAML with the place of every key, which policies and contracts are written in",
    "plumbline.pipeline.source.wording": "what was found and what was probably meant, for whoever reads such YAML",
}
# Rooms of many nouns or verbs: each is imported from its own file, so that nobody pays for the others.
BY_FILE = (
    "plumbline.artifacts.",
    "plumbline.flow.",
    "plumbline.http.",
    "plumbline.model.",
    "plumbline.reports.",
    "plumbline.wiring.",
)
# Files that may be longer than 400 lines, each with its reason.
LONG_FILES: dict[str, str] = {}
LONGEST = 400


def names(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that stands in a file."""
    return tuple(ast.walk(ast.parse(path.read_text())))


def imports(path: Path) -> list[tuple[int, str]]:
    found = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.append((node.lineno, node.module))
    return found


def test_a_room_is_entered_only_through_its_init():
    assert [one for path in FILES for one in _entered_elsewhere(path)] == []


def _entered_elsewhere(path):
    own_room = path.relative_to(SOURCE).parts[0]
    for line, module in imports(path):
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
        yield f"{names(path)}:{line}: {module}"


def test_a_file_is_short():
    lines = {names(path): len(path.read_text().splitlines()) for path in FILES}
    long = {name: count for name, count in lines.items() if count > LONGEST and name not in LONG_FILES}
    assert not long, "split them, or give the reason here"


def test_every_reason_for_a_long_file_is_still_needed():
    assert all(len((SOURCE / name).read_text().splitlines()) > LONGEST for name in LONG_FILES)


CALLS_THAT_SPEAK = {"echo", "say", "secho", "print", "fail"}


def test_what_the_command_line_says_can_be_translated():
    wrong = [f"{names(path)}:{line}" for path in FILES if "cli" in path.relative_to(SOURCE).parts[:1]
             for line in _untranslated(path)]  # fmt: skip
    assert not wrong, "say it with t()"


def _untranslated(path):
    for node in nodes(path):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        said = list(node.args) if called in CALLS_THAT_SPEAK else []
        said += [each.value for each in node.keywords if each.arg in {"help", "short_help", "epilog", "prompt"}]
        yield from (node.lineno for one in said if is_sentence(one))


def is_sentence(node: ast.expr) -> bool:
    """A literal with two words in a row: not a sign, a number or a name."""
    if isinstance(node, ast.JoinedStr):
        return any(is_sentence(part) for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        words = [word for word in node.value.split() if word.isalpha()]
        return len(words) > 1
    return False


def test_sentences_for_translation_are_literals():
    """An f-string inside t() would be a different sentence every time."""
    wrong = []
    for path in FILES:
        for node in nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"t", "nt"}:
                texts = node.args[: 1 if node.func.id == "t" else 2]
                if not all(isinstance(text, ast.Constant) for text in texts):
                    wrong.append(f"{names(path)}:{node.lineno}")
    assert wrong == []
