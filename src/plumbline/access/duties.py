"""Duties: which two acts one person may not both do (four eyes)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from plumbline.kernel import ErrorKind, PlumblineError, Text, t


class Act(StrEnum):
    """Something a person did to one change, release, finding or role."""

    AUTHOR = "author"
    MERGE = "merge"
    APPROVE = "approve"
    DEPLOY = "deploy"
    WAIVE = "waive"
    ASSESS = "assess"
    GRANT = "grant"
    RECEIVE = "receive"
    STATE = "state"
    REVIEW = "review"
    EXEMPT = "exempt"
    AGREE = "agree"
    INVITE = "invite"
    ACCEPT = "accept"
    DECIDE = "decide"
    TOLERATE = "tolerate"
    CONFIRM = "confirm"

    @property
    def meaning(self) -> Text:
        return _MEANINGS[self]


_MEANINGS = {
    Act.AUTHOR: t("wrote the change"),
    Act.MERGE: t("merged the change"),
    Act.APPROVE: t("approved it"),
    Act.DEPLOY: t("deployed it"),
    Act.WAIVE: t("let it through the gate"),
    Act.ASSESS: t("assessed it"),
    Act.GRANT: t("granted the role"),
    Act.RECEIVE: t("received the role"),
    Act.STATE: t("put the statement on file"),
    Act.REVIEW: t("accepted or rejected it"),
    Act.EXEMPT: t("waived the criterion"),
    Act.AGREE: t("agreed that it does not apply"),
    Act.INVITE: t("made the link"),
    Act.ACCEPT: t("set a password with it"),
    Act.DECIDE: t("decided about the finding"),
    Act.TOLERATE: t("decided that its finding does not count"),
    Act.CONFIRM: t("agreed with the decision"),
}


class Duty(msgspec.Struct, frozen=True):
    """Two acts on the same thing that take two persons."""

    first: Act
    second: Act


class Performed(msgspec.Struct, frozen=True):
    """Who did an act. ``person`` is the name they sign in with; empty: not known."""

    act: Act
    person: str


AUTHOR_APPROVES = Duty(Act.AUTHOR, Act.APPROVE)
APPROVER_DEPLOYS = Duty(Act.APPROVE, Act.DEPLOY)
AUTHOR_WAIVES = Duty(Act.AUTHOR, Act.WAIVE)
AUTHOR_ASSESSES = Duty(Act.AUTHOR, Act.ASSESS)
GRANTS_TO_SELF = Duty(Act.GRANT, Act.RECEIVE)
STATER_REVIEWS = Duty(Act.STATE, Act.REVIEW)
EXEMPTER_AGREES = Duty(Act.EXEMPT, Act.AGREE)
INVITES_SELF = Duty(Act.INVITE, Act.ACCEPT)
AUTHOR_ACCEPTS = Duty(Act.AUTHOR, Act.TOLERATE)
DECIDER_AGREES = Duty(Act.DECIDE, Act.CONFIRM)
WAIVER_AGREES = Duty(Act.WAIVE, Act.CONFIRM)

DUTIES = (AUTHOR_APPROVES, APPROVER_DEPLOYS, AUTHOR_WAIVES, AUTHOR_ASSESSES)  # where nothing is configured
ALWAYS = (AUTHOR_APPROVES, GRANTS_TO_SELF)  # whatever is configured, for every role, administrators included


def conflict(acts: Iterable[Performed], duty: Duty) -> Text | None:
    """What is wrong where one person did both acts; None where two did, or where one act has not been done.

    Where both were done and one of the persons is not known, that they differ is not shown, and that is a conflict too.
    """
    done = list(acts)
    first = [one.person.strip().casefold() for one in done if one.act is duty.first]
    second = [one.person.strip().casefold() for one in done if one.act is duty.second]
    if not first or not second:
        return None
    values = {"first": duty.first.meaning, "second": duty.second.meaning}
    both = sorted((set(first) & set(second)) - {""})
    if both:
        return t("{name} {first} and {second}: this takes two persons", name=both[0], **values)
    if "" in first or "" in second:
        unknown = duty.first if "" in first else duty.second
        return t(
            "nobody knows who {unknown}, so it is not shown that another person did the rest", unknown=unknown.meaning
        )
    return None


def conflicts(acts: Iterable[Performed], duties: Iterable[Duty] = DUTIES) -> list[Text]:
    """All that is wrong, the duties that always hold included."""
    done = list(acts)
    found = (conflict(done, duty) for duty in dict.fromkeys((*ALWAYS, *duties)))
    return [text for text in found if text is not None]


def read_duties(value: object) -> tuple[Duty, ...]:
    """The setting ``duties``: a list of pairs such as ``["approve", "deploy"]``.

    Raises PlumblineError ``duties-malformed``.
    """
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise _malformed(value)
    return tuple(_read_duty(pair) for pair in value)


def _read_duty(pair: object) -> Duty:
    known = {act.value: act for act in Act}
    if not isinstance(pair, Sequence) or isinstance(pair, str | bytes) or len(pair) != 2:
        raise _malformed(pair)
    first, second = pair
    if first not in known or second not in known or first == second:
        raise _malformed(pair)
    return Duty(known[first], known[second])


def _malformed(value: object) -> PlumblineError:
    return PlumblineError(
        "duties-malformed",
        t("{value} is not a pair of two different acts", value=repr(value)),
        t('write a list of pairs such as ["approve", "deploy"]; the acts are: {acts}', acts=", ".join(Act)),
        kind=ErrorKind.CONFIGURATION,
    )
