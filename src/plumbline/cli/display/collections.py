"""Collections of evidence, as lines for a terminal: a heading, and what stands below it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plumbline.kernel import Text

STATES = {
    "open": t("open"),
    "filled": t("filled"),
    "filled_late": t("filled too late"),
    "wrong_subject": t("about something else"),
    "unreadable": t("not to be read, or too little"),
    "refused_origin": t("by a word that does not count"),
    "not_applicable": t("not applicable"),
    "waived": t("waived"),
    "missing": t("missing"),
}
_FULL = frozenset({"filled", "not_applicable", "waived"})


def moment(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def collection_lines(one: Mapping[str, Any]) -> Iterator[Text | str]:
    yield t("{occasion} {path} {about}", occasion=_occasion(one["occasion"]), path=one["path"], about=_about(one))
    if one["state"] == "closed":
        yield t("closed {when} ({ending})", when=moment(one["closed"]), ending=ending_said(one["ending"]))
    else:
        yield t("open, closes {when}", when=moment(one["closes"]))
    for problem in one["problems"]:
        yield t("a contract that holds cannot be read: {problem}", problem=problem)
    for slot in one["slots"]:
        yield slot_line(slot)
    for piece in one["late"]:
        yield t("came after it was closed: {kind} of {word}, entry {entry}", kind=piece["kind"],
                word=piece["word"] or "?", entry=piece["entry"])  # fmt: skip
    yield proposal(one)


def proposal(one: Mapping[str, Any]) -> Text:
    """What was found of what the contract needs."""
    slots = one["slots"]
    lacking = [slot["id"] for slot in slots if slot["state"] not in _FULL]
    found = len(slots) - len(lacking)
    if not lacking:
        return t("found {found}, contract needs {needed}", found=found, needed=len(slots))
    return t("found {found}, contract needs {needed}; missing: {missing}", found=found, needed=len(slots),
             missing=", ".join(lacking))  # fmt: skip


def slot_line(slot: Mapping[str, Any]) -> Text:
    state = str(STATES.get(slot["state"], slot["state"]))
    why = f" ({why_said(slot['why']) or slot['rule']})" if slot["why"] or slot["rule"] else ""
    return t("{slot}: {state}{why}", slot=slot["id"], state=state, why=why)


def explained_lines(found: Mapping[str, Any]) -> Iterator[Text | str]:
    slot = found["slot"]
    yield slot_line(slot)
    kinds = ", ".join(slot["kinds"])
    yield t("would be filled by: {kinds}", kinds=kinds or "?")
    if found["of"]:
        yield t("about: {of} {subject}", of=found["of"], subject=slot["subject"])
    yield t("whose word counts: {words}", words=", ".join(slot["made_by"]) or "own")
    for name, said in (("tool", found["tools"]), ("runner", found["runners"]), ("covers", found["covers"])):
        if said:
            yield f"{name}: {', '.join(said)}"
    for name, least in found["at_least"].items():
        yield t("at least {least} {name}", least=f"{least:g}", name=name)
    yield t("told by: {events}", events=", ".join(found["told_by"]) or "?")
    yield t("until: {when}", when=moment(found["until"])) if found["until"] else t("nothing is waited for any more")
    for condition in found["conditions"]:
        result = {True: "true", False: "false", None: "?"}[condition["result"]]
        yield f"unless {condition['when']} = {result} {condition['problem']}".rstrip()
    for came in found["came"]:
        piece = came["piece"]
        state = str(STATES.get(came["alone"], STATES["wrong_subject"]))
        why = f" ({why_said(came['why'] or piece['problem'])})" if came["why"] or piece["problem"] else ""
        yield t("came: {kind} of {word} at {when}, entry {entry}: {state}{why}", kind=piece["kind"],
                word=piece["word"] or "?", when=moment(piece["received"]), entry=piece["entry"], state=state,
                why=why)  # fmt: skip
    if not found["came"]:
        yield t("nothing of these kinds came")


def why_said(code: str) -> str:
    """What follows a colon tells more of it."""
    from plumbline.contracts import WHY

    name, _, more = code.partition(":")
    said = str(WHY.get(name, name))
    return f"{said}: {more}" if more else said


def _occasion(code: str) -> str:
    from plumbline.contracts import OCCASIONS

    return next((str(said) for kind, said in OCCASIONS.items() if kind.value == code), code)


def ending_said(code: str) -> str:
    from plumbline.contracts import ENDINGS

    return next((str(said) for kind, said in ENDINGS.items() if kind.value == code), code)


def _about(one: Mapping[str, Any]) -> str:
    change = f"!{one['change']}" if one["change"] else ""
    pipeline = f"#{one['pipeline']}" if one["pipeline"] else ""
    return " ".join(part for part in (one["environment"], change, one["ref"], one["commit"][:12], pipeline) if part)
