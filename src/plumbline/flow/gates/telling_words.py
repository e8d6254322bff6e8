"""What a forge is told, in its words: Markdown that says nothing but what is meant.

Whatever somebody else wrote — titles and reasons of policies, names of jobs, messages — stands in it as plain text: no
HTML, no link, nobody called by name, no reference to another issue, no command of the forge.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import legible, t
from plumbline.model.gate import GateAct, Outcome
from plumbline.model.telling import LONGEST_COMMENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.flow.gates.answer import GateAnswer
    from plumbline.kernel import Text
    from plumbline.model.contract import DueNeed, Slot
    from plumbline.model.gate import CheckResult, Evaluation
    from plumbline.model.words import Words

LANGUAGES = {"both": ("en", "zh"), "en": ("en",), "zh": ("zh",)}  # by the value of the setting forge.language
MOST_ROWS = 40  # of each table; the page has all
_LONGEST = 300  # characters of somebody's sentence
_NOTHING = "\u200b"  # takes no room; what it parts is read by no forge as a name, a reference or an address
_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~^=:/@&$%<>\"'])")
_PARTED = frozenset("@#!$%~&/:")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "`": "&#96;", "|": "&#124;"}
OUTCOMES: dict[Outcome, Text] = {
    Outcome.PASS: t("passes"),
    Outcome.FAIL: t("refused"),
    Outcome.NO_DATA: t("no data"),
    Outcome.ERROR: t("could not be judged"),
    Outcome.WAIVED: t("waived by two persons"),
}
_SIGN = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.NO_DATA: "❔", Outcome.ERROR: "⚠️", Outcome.WAIVED: "🤝"}
ACTS: dict[GateAct, Text] = {
    GateAct.MERGE: t("at merge"),
    GateAct.PIPELINE: t("in the pipeline"),
    GateAct.PROMOTION: t("at promotion"),
}
REASONS: dict[str, Text] = {
    "no-policy": t("no policy stands here for this, so nothing was judged"),
    "not-evaluated": t("no gate looked at this revision yet"),
    "empty-policy": t("the policy has no checks"),
    "nothing-selected": t("policies stand here, and none of them is meant for this"),
    "nothing-applies": t("every check says that it is not meant for this"),
    "nothing-enforced": t("every check is on trial, to come, or retired"),
    "unknown-selection": t("a fact is missing that would say whether the policy is meant for this"),
    "unreadable-policy": t("this server cannot read the policy"),
    "newer-policy": t("the policy needs a newer version of this server"),
}
_ORDER = (Outcome.ERROR, Outcome.FAIL, Outcome.NO_DATA, Outcome.WAIVED, Outcome.PASS)


def plain(text: str) -> str:
    """Somebody's text, as text: in one line, and not too long."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in legible(text)).split())
    short = words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
    return _SIGNS.sub(lambda found: _inert(found[1]), short)


def _inert(sign: str) -> str:
    shown = _HTML.get(sign, f"\\{sign}")
    return f"{shown}{_NOTHING}" if sign in _PARTED else shown


def code(text: str) -> str:
    """A name or id, as code: nothing in it is read as anything."""
    words = "".join(sign if sign.isprintable() and sign not in "`|" else " " for sign in legible(text)).strip()
    return f"`{words[:_LONGEST]}`" if words else "–"


def line_of(answer: GateAnswer, languages: Sequence[str]) -> str:
    """Of a state: outcome and how many checks, in a few words."""
    checks = [one for each in answer.evaluations for one in each.checks if one.applies and not one.advisory]
    good = sum(one.outcome in (Outcome.PASS, Outcome.WAIVED) for one in checks)
    said = t("{outcome}: {good} of {all} checks", outcome=OUTCOMES[answer.outcome], good=good, all=len(checks))
    return " · ".join(dict.fromkeys(said.render(code) for code in languages))


def line_of_missing(missing: Sequence[Slot], languages: Sequence[str]) -> str:
    if missing:
        said = t("missing: {names}", names=", ".join(dict.fromkeys(one.need for one in missing)))
    else:
        said = t("everything that is due is there")
    return " · ".join(dict.fromkeys(said.render(code) for code in languages))


def comment_of(answer: GateAnswer, due: Mapping[str, DueNeed], url: str, until: str, languages: Sequence[str]) -> str:
    """All that gates of one act say. ``due``: the lines of the contract by id; ``until``: when the time for what is
    missing is over."""
    every = [_in_language(answer, due, url, until, language) for language in languages]
    text = "\n\n---\n\n".join(every)
    return text if len(text) <= LONGEST_COMMENT // 3 else every[0][: LONGEST_COMMENT // 3 - 4].rpartition("\n")[0]


def _in_language(answer: GateAnswer, due: Mapping[str, DueNeed], url: str, until: str, language: str) -> str:
    head = t("Gates {act}: {outcome}", act=ACTS[answer.act], outcome=OUTCOMES[answer.outcome]).render(language)
    lines = [f"### {_SIGN[answer.outcome]} {head}", ""]
    lines += [t("Commit {commit}", commit=code(answer.subjects.commit[:12])).render(language)]
    if answer.reason:
        lines += ["", plain(_reason(answer.reason, language))]
    for evaluation in answer.evaluations:
        lines += ["", *_policy(evaluation, language)]
    if answer.missing:
        lines += ["", *_missing(answer.missing, due, until, language)]
    if url:
        lines += ["", f"[{t('Everything about it').render(language)}]({url})"]
    return "\n".join(lines)


def _reason(reason: str, language: str) -> str:
    said = REASONS.get(reason)
    return said.render(language) if said is not None else reason


def _policy(evaluation: Evaluation, language: str) -> list[str]:
    name = t("Policy {name}, version {version}", name=code(evaluation.policy), version=evaluation.version)
    lines = [f"**{name.render(language)}**: {OUTCOMES[evaluation.outcome].render(language)}"]
    if evaluation.reason:
        lines.append(plain(_reason(evaluation.reason, language)))
    heads = (t("Check"), t("Outcome"), t("Why, and what helps"))
    checks = sorted(evaluation.checks, key=lambda one: _ORDER.index(one.outcome))
    rows = [_check(one, language) for one in checks[:MOST_ROWS]]
    return [*lines, *_table([head.render(language) for head in heads], rows, len(checks) - len(rows), language)]


def _check(one: CheckResult, language: str) -> list[str]:
    word = OUTCOMES[one.outcome] if one.applies else t("does not apply")
    outcome = f"{_SIGN[one.outcome] if one.applies else '➖'} {word.render(language)}"
    if one.advisory:
        outcome += f" ({t('decides nothing').render(language)})"
    good = one.outcome is Outcome.PASS or not one.applies
    why = [] if good else [_words(one.reason, language), _words(one.remedy, language)]
    if one.detail and not good:
        why.append(code(one.detail))
    lacking = [name for name, fact in one.needs.items() if fact.lack]
    if lacking and not good:
        said = ", ".join(map(code, lacking[:10]))
        why.append(t("Nobody can tell: {names}", names=said).render(language))
    return [f"{plain(one.title.render(language))} {code(one.check)}", outcome, "<br>".join(filter(None, why))]


def _words(words: Words | None, language: str) -> str:
    return plain(words.render(language)) if words is not None else ""


def _missing(missing: Sequence[Slot], due: Mapping[str, DueNeed], until: str, language: str) -> list[str]:
    said = t("Missing, until {time}:", time=until) if until else t("Missing:")
    heads = (t("What"), t("Of"), t("From whom"))
    rows = [_slot(one, due.get(one.need), language) for one in missing[:MOST_ROWS]]
    titles = [head.render(language) for head in heads]
    return [f"**{said.render(language)}**", *_table(titles, rows, len(missing) - len(rows), language)]


def _slot(slot: Slot, due: DueNeed | None, language: str) -> list[str]:
    title = plain(due.need.title.render(language)) if due is not None else ""
    whose = [_who(one, language) for one in (due.need.made_by if due is not None else ()) or ("own",)]
    return [f"{title} {code(slot.need)}".strip(), code(slot.subject[:80]), ", ".join(whose)]


def _who(word: str, language: str) -> str:
    who, _, name = word.partition(":")
    said: dict[str, Text] = {
        "own": t("this server and its runners"),
        "forge": t("the forge {name}", name=plain(name)) if name else t("a forge"),
        "source": t("the source {name}", name=plain(name)) if name else t("a registered source"),
        "person": t("the person {name}", name=plain(name)) if name else t("a person"),
    }
    return said[who].render(language) if who in said else plain(word)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], more: int, language: str) -> list[str]:
    if not rows:
        return []
    lines = ["", "|".join(["", *heads, ""]), "|".join(["", *("---" for _ in heads), ""])]
    lines += ["|".join(["", *(f" {cell} " for cell in row), ""]) for row in rows]
    if more > 0:
        lines += ["", t("… and {count} more", count=more).render(language)]
    return lines
