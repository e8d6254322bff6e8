"""What a permission check or a duty looks like in the source, and what it is without it or weakened.

Each form is given a node of the source, and yields what may take its place with what is said of that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from plumbline.access import ROLES, Permission, Place, UseCase, use_cases
from plumbline.model.person import Role

REQUIRES = re.compile(r"_?require(?!_containers)(_\w+)?")  # wherever it is called
ALONE = re.compile(r"_?(may|permit|need_whole|check_duty)(_\w+)?")  # called for nothing but what it raises
PERMISSIONS = frozenset({"Permission", "_P"})
REFUSALS = frozenset({"not-allowed", "own-statement", "second-person", "role-to-oneself", "link-to-oneself",
                      "role-too-wide", "not_allowed", "not_signed_in"})  # fmt: skip
REMOVED = re.compile(r"_?require\w*\((\w+)\) removed")  # what is said of it
TRANSACTIONS = frozenset({"tx", "records"})
CASES = {name: one for name, one in vars(use_cases).items() if isinstance(one, UseCase)}

Form = Callable[[ast.AST, Callable[[ast.AST], str]], Iterator[tuple[str, str]]]


def _weaker_use_case(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[tuple[str, str]]:
    if not isinstance(node, ast.Attribute | ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    name = node.attr if isinstance(node, ast.Attribute) else node.id
    if name in CASES and (weaker := weaker_than(CASES[name])):
        yield text(node).removesuffix(name) + weaker, f"{name} weakened to {weaker}"


def _weaker_permission(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[tuple[str, str]]:
    permission = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in PERMISSIONS
    if permission and node.attr in Permission.__members__ and node.attr != "PROJECT_VIEW":
        yield f"{node.value.id}.PROJECT_VIEW", f"{node.attr} weakened to PROJECT_VIEW"


def _no_check(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[tuple[str, str]]:
    call = node.value if isinstance(node, ast.Expr) else node
    if not isinstance(call, ast.Call):
        return
    name = called(call)
    if REQUIRES.fullmatch(name):
        yield _unchecked(call, text), f"{name}({_named(call)}) removed"
    elif isinstance(node, ast.Expr) and ALONE.fullmatch(name):
        yield "None", f"{name}(...) removed"


def _other_answer(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[tuple[str, str]]:
    """A question is always answered so that it goes on; a list holds all."""
    if not isinstance(node, ast.Call):
        return
    match called(node), isinstance(node.func, ast.Name):
        case "may", _:
            yield _asked(node, text, "True"), f"may({_named(node)}) is always yes"
        case "allows", True:
            yield "True", "allows(...) is always yes"
        case "breaks_duty", False:
            yield "False", f"breaks_duty({_named(node)}) is always no"
        case "allowed", True if len(node.args) == 3:
            yield f"frozenset(one.id for one in {text(node.args[2])})", "allowed(...) are all"


def _no_refusal(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[tuple[str, str]]:
    if not isinstance(node, ast.If):
        return
    raised = [one for statement in node.body for one in ast.walk(statement) if isinstance(one, ast.Raise)]
    inside = [one for each in raised for one in ast.walk(each)]
    said = {one.value for one in inside if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    said |= {called(one) for one in inside if isinstance(one, ast.Call)}
    for code in sorted(REFUSALS & said):
        yield "False", f"never refused with {code}"
    if "not_found" in said and "seen" in {one.id for one in ast.walk(node.test) if isinstance(one, ast.Name)}:
        yield "False", "what may not be seen is found"


FORMS: tuple[Form, ...] = (_weaker_use_case, _weaker_permission, _no_check, _other_answer, _no_refusal)


def is_free(node: ast.AST) -> bool:
    """Whether this asks for no more than that somebody is signed in, which the door has asked before."""
    node = node.value if isinstance(node, ast.Expr) else node
    if not isinstance(node, ast.Call) or called(node) != "require" or len(node.args) != 1:
        return False
    use_case = CASES.get(_named(node))
    return use_case is not None and not use_case.whole and use_case.at in (
        Place.SELF, Place.WHERE_VISIBLE, Place.ANYBODY)  # fmt: skip


def weaker_than(use_case: UseCase) -> str:
    """The name of a use case that more people may; empty where everybody may already."""
    everybody = use_case.permission is None or all(use_case.permission in ROLES[role].permissions for role in Role)
    match use_case.at:
        case Place.NODE if not everybody:
            return "VIEW_REPOSITORY"
        case Place.SELF if not use_case.whole:
            return "SIGN_IN"
        case Place.ANYBODY | Place.OPERATOR_OF_MACHINE:
            return ""
        case _:
            return "READ_ROLES"


def weaker_entry(node: ast.Call) -> Iterator[tuple[ast.AST, str, str]]:
    """Each part of an entry of the table that narrows who may."""
    for part in (*node.args[2:], *(keyword.value for keyword in node.keywords)):
        if isinstance(part, ast.Attribute) and part.attr in Permission.__members__ and part.attr != "PROJECT_VIEW":
            yield part, "_P.PROJECT_VIEW", f"{part.attr} weakened to PROJECT_VIEW"
        elif isinstance(part, ast.Attribute) and part.attr in Place.__members__:
            if part.attr not in ("ANYBODY", "OPERATOR_OF_MACHINE"):
                yield part, "Place.ANYBODY", f"{part.attr} weakened to ANYBODY"
        elif isinstance(part, ast.Constant):
            yield part, "False", "the whole account is open to every token"
        elif isinstance(part, ast.Tuple):
            yield part, "()", "nothing is needed besides"
        elif isinstance(part, ast.Name):
            yield part, "None", "no duty"


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _named(node: ast.Call) -> str:
    """Of the use case that a call names first; else how it names it."""
    first = node.args[0] if node.args else None
    return first.attr if isinstance(first, ast.Attribute) else getattr(first, "id", "...")


def _unchecked(node: ast.Call, text: Callable[[ast.AST], str]) -> str:
    """What a check returns, without it: the node, and those above it."""
    if len(node.args) < 2 or not isinstance(node.func, ast.Attribute) or called(node) not in ("require", "_require"):
        return _asked(node, text, "()")
    if text(node.args[0]) in TRANSACTIONS:
        return f"{text(node.args[0])}.tree.ancestors({text(node.args[-1])} or 0)"
    return _asked(node, text, f"{text(node.func.value)}.tx.tree.ancestors({text(node.args[1])} or 0)")


def _asked(node: ast.Call, text: Callable[[ast.AST], str], answer: str) -> str:
    """A unit of work that nobody asked anything is a fault of its own, so it is asked, and the answer is not looked
    at."""
    if isinstance(node.func, ast.Attribute) and node.args and text(node.args[0]) not in TRANSACTIONS:
        return f"({text(node.func.value)}.may({text(node.args[0])}), {answer})[1]"
    return answer
