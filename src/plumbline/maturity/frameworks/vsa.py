"""What a gate made of an artifact or a commit, as a verification summary of SLSA: one that others understand."""

from __future__ import annotations

from datetime import UTC, datetime

from plumbline.evidence.attestations import resource, write_statement
from plumbline.evidence.attestations import verification_summary as summary
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.gate import Evaluation, Outcome


def verification_summary(one: Evaluation, verifier: str) -> bytes:
    """The payload of an envelope, to be signed. A form with two words only: what did not pass has not passed, whatever
    let it go on. No level of SLSA is claimed. Raises PlumblineError ``no-subject``."""
    subjects = [resource(digest) for digest in one.subjects.artifacts]
    if one.subjects.commit:
        subjects.append(resource(f"gitCommit:{one.subjects.commit}"))
    if not subjects:
        raise PlumblineError(
            "no-subject",
            t("The evaluation names neither an artifact nor a commit."),
            t("Choose one that is about a pipeline or a merge."),
            kind=ErrorKind.REFUSED,
        )
    predicate = summary.Summary(
        verifier=summary.Verifier(id=verifier),
        time_verified=datetime.fromtimestamp(one.at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        resource_uri=one.path,
        policy=resource(one.policy_digest, f"{one.policy}/{one.version}"),
        verification_result="PASSED" if one.outcome is Outcome.PASS else "FAILED",
    )
    return write_statement(subjects, summary.TYPE, predicate)
