"""The text of a policy in; the policy out, or everything that is wrong with it, each with its place and a cure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.gates.policy import CLASSES, LANGUAGE, TIERS, Check, Policy, Selector, policy_of
from plumbline.gates.reading_checks import read_check
from plumbline.gates.verdict import EMPTY_POLICY, NEWER_POLICY
from plumbline.judging.rule_text import RuleText
from plumbline.kernel import t
from plumbline.model.gate import GateAct

if TYPE_CHECKING:
    from plumbline.model.problem import Problem
    from plumbline.model.words import Words
    from plumbline.pipeline.source.syntax import Map

_KEYS = ("policy", "title", "owner", "version_needed", "for", "checks")
_SELECTING = ("act", "branches", "tiers", "classes")
_MOST = 200  # checks


def read_policy(text: str, name: str = "") -> Policy | tuple[Problem, ...]:
    """``name``: of the file, for problems."""
    reader = RuleText(name or "policy.yml")
    found = reader.root(text)
    if found is None:
        return tuple(reader.problems)
    if not _version(reader, found):
        return tuple(reader.problems)  # what a newer language means is nothing to complain of in the words of this one
    reader.known_keys(found, _KEYS)
    policy = _policy(reader, found)
    if reader.problems or policy is None:
        return tuple(
            sorted(reader.problems, key=lambda one: (one.where.line, one.where.column) if one.where else (0, 0))
        )
    return policy


def _version(reader: RuleText, found: Map) -> bool:
    needed = reader.whole(found, "version_needed", LANGUAGE, 1)
    if needed <= LANGUAGE:
        return True
    message = t("This policy needs version {needed} of the language of policies; this server knows {known}.",
                needed=needed, known=LANGUAGE)  # fmt: skip
    reader.wrong(
        NEWER_POLICY, message, found.marks["version_needed"], t("Upgrade the server; until then it is an error.")
    )
    return False


def _policy(reader: RuleText, found: Map) -> Policy | None:
    title = reader.words(found, "title")
    name, owner = reader.id(found, "policy"), reader.text(found, "owner", required=True)
    selector = _selector(reader, found)
    checks = _checks(reader, found)
    return _made(name, title, owner, selector, checks)


def _made(
    name: str, title: Words | None, owner: str, selector: Selector | None, checks: tuple[Check, ...]
) -> Policy | None:
    if title is None or selector is None:
        return None
    return policy_of(name, title, owner, selector, checks)


def _selector(reader: RuleText, found: Map) -> Selector | None:
    meant = reader.map(found, "for", _SELECTING, required=True)
    if meant is None:
        return None
    if "act" not in meant:
        reader.missing(meant, "act")
    acts = reader.texts(meant, "act", tuple(GateAct))
    return Selector(
        acts=tuple(GateAct(one) for one in acts if one in tuple(GateAct)),
        branches=reader.texts(meant, "branches"),
        tiers=reader.texts(meant, "tiers", TIERS),
        classes=reader.texts(meant, "classes", CLASSES),
    )


def _checks(reader: RuleText, found: Map) -> tuple[Check, ...]:
    items = reader.maps(found, "checks")
    if not found.get("checks"):
        reader.wrong(EMPTY_POLICY, t("A policy without checks decides nothing, and that is no pass."),
                     found.marks.get("checks", found.mark), t("Add a check under 'checks'."))  # fmt: skip
    if len(items) > _MOST:
        reader.wrong("too-many-checks", t("More than {limit} checks.", limit=_MOST), found.marks["checks"])
        return ()
    seen: dict[str, int] = {}
    checks = []
    for item in items:
        check = read_check(reader, item)
        id_ = item.get("id")
        if isinstance(id_, str) and id_ in seen:
            message = t("The id '{id}' stands in line {line} already.", id=id_, line=seen[id_])
            reader.wrong("duplicate-id", message, item.marks["id"])
        elif isinstance(id_, str):
            seen[id_] = item.marks["id"].line
        if check is not None:
            checks.append(check)
    return tuple(checks)
