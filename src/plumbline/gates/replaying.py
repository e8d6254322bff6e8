"""An evaluation done again from what is kept of it: the policy's text, the facts, the moment, the waivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.gates.judge import asked, judged
from plumbline.gates.standing import digest_of, read_standing
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.gate import Evaluation
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from plumbline.gates.verdict import Judged

FORMAT = 1


class Exported(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An evaluation with the text of its policy: all that it takes to do it again anywhere."""

    format: int = FORMAT
    evaluation: Evaluation
    policy: str


def replayed(evaluation: Evaluation, policy_text: str) -> Evaluation:
    """The same judgement, made anew. Raises PlumblineError ``policy-differs`` where the text is another one.

    Waivers are taken as they were: whether one was in force then is told by the events about it.
    """
    if digest_of(policy_text) != evaluation.policy_digest:
        raise PlumblineError(
            "policy-differs",
            t("This is not the text of the policy '{policy}' that was evaluated.", policy=evaluation.policy),
            t("Take version {version} of it, whose digest is {digest}.", version=evaluation.version,
              digest=evaluation.policy_digest),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
    standing = read_standing(policy_text, evaluation.policy, evaluation.version, evaluation.node)
    found = judged(
        standing,
        evaluation.facts,
        at=evaluation.at,
        asked=asked(evaluation.act, evaluation.subjects, evaluation.facts),
        waived={(evaluation.policy, one.check): one.waiver for one in evaluation.checks if one.waiver},
    )
    return _with(evaluation, found)


def _with(evaluation: Evaluation, found: Judged) -> Evaluation:
    return msgspec.structs.replace(evaluation, outcome=found.outcome, checks=found.checks, reason=found.reason)


def canonical(evaluation: Evaluation) -> bytes:
    """The bytes that two evaluations are held against each other by: as it reads once it was stored, where 1 may have
    become 1.0."""
    stored = msgspec.json.decode(msgspec.json.encode(evaluation), type=ready(Evaluation))
    return msgspec.json.encode(stored, order="deterministic")


def exported(evaluation: Evaluation, policy_text: str) -> bytes:
    """A file for ``plumb gate replay FILE``."""
    plain = msgspec.to_builtins(Exported(evaluation=evaluation, policy=policy_text))
    return msgspec.json.format(msgspec.json.encode(plain, order="deterministic"), indent=2) + b"\n"


def read_exported(data: bytes, name: str = "") -> Exported:
    """Raises PlumblineError ``evaluation-unreadable``."""
    try:
        found = msgspec.json.decode(data, type=ready(Exported))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(name, str(error)) from None
    if found.format != FORMAT:
        raise _unreadable(name, f"format {found.format}")
    return found


def _unreadable(name: str, reason: str) -> PlumblineError:
    return PlumblineError(
        "evaluation-unreadable",
        t("{file} is no evaluation of a gate: {reason}.", file=name or "-", reason=reason),
        t("Take a file that the server exported with the evaluation."),
        kind=ErrorKind.CONFIGURATION,
    )
