"""The words, signs and colours of states; durations and sizes as people write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import Text, t
from plumbline.model.job import FailureReason, State

if TYPE_CHECKING:
    from plumbline.model.run import JobRecord

_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "dim": 2, "bold": 1}

SIGNS = {
    State.SUCCESS: ("✓", "green"),
    State.FAILED: ("✗", "red"),
    State.CANCELED: ("⊘", "magenta"),
    State.CANCELING: ("⊘", "magenta"),
    State.SKIPPED: ("»", "dim"),
    State.MANUAL: ("▷", "blue"),
    State.SCHEDULED: ("◷", "blue"),
    State.RUNNING: ("●", "blue"),
}
WARNING = ("!", "yellow")


class Paint:
    """Colours a text, or leaves it alone where colours are not wanted."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled

    def __call__(self, text: object, colour: str) -> str:
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self.enabled and colour in _COLOURS else f"{text}"


def sign(state: State | None, *, allowed: bool = False) -> tuple[str, str]:
    """The sign of a state and its colour; an allowed failure has its own."""
    if state is State.FAILED and allowed:
        return WARNING
    return SIGNS.get(state, ("·", "dim")) if state else ("·", "dim")


def state_word(state: State | None, *, allowed: bool = False) -> Text:
    """What a state is called; ``allowed``: its failure is a warning only."""
    if state is State.FAILED and allowed:
        return t("failed (allowed)")
    return _STATES[state] if state else t("unknown")


def reason_word(reason: FailureReason | None) -> Text | None:
    return _REASONS.get(reason) if reason else None


def why_failed(job: JobRecord) -> str:
    """One phrase: the job's own message, else its failure reason, with the exit status where there is one."""
    if job.message:
        return job.message
    reason = reason_word(job.reason) or t("no reason recorded")
    return str(t("{reason}, exit status {status}", reason=reason, status=job.exit_code) if job.exit_code else reason)


def duration(seconds: float) -> str:
    """``0.4s``, ``12.3s``, ``2m 05s``, ``1h 02m``."""
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02d}m"


def size(count: float) -> str:
    """Bytes with a binary unit: ``0 B``, ``1.5 KiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError(count)


_STATES: dict[State, Text] = {
    State.CREATED: t("created"),
    State.WAITING_FOR_RESOURCE: t("waiting for resource"),
    State.PREPARING: t("preparing"),
    State.PENDING: t("pending"),
    State.RUNNING: t("running"),
    State.SUCCESS: t("success"),
    State.FAILED: t("failed"),
    State.CANCELING: t("canceling"),
    State.CANCELED: t("canceled"),
    State.SKIPPED: t("skipped"),
    State.MANUAL: t("manual"),
    State.SCHEDULED: t("scheduled"),
}

_REASONS: dict[FailureReason, Text] = {
    FailureReason.UNKNOWN: t("failed for an unknown reason"),
    FailureReason.SCRIPT: t("the script failed"),
    FailureReason.API: t("the API failed"),
    FailureReason.STUCK: t("the job was stuck"),
    FailureReason.RUNNER_SYSTEM: t("the machine failed, not the script"),
    FailureReason.RUNNER_UNSUPPORTED: t("this machine cannot run the job"),
    FailureReason.TIMEOUT: t("the job ran longer than its timeout"),
    FailureReason.STALE_SCHEDULE: t("the delayed job is too old"),
    FailureReason.ARCHIVED: t("the job is archived"),
    FailureReason.UNMET_PREREQUISITES: t("what the job requires is not there"),
    FailureReason.SCHEDULER: t("the scheduler failed"),
    FailureReason.DATA_INTEGRITY: t("the data of the job is damaged"),
    FailureReason.IMAGE_PULL: t("the image could not be pulled"),
    FailureReason.MISSING_DEPENDENCY: t("the artifacts of a job it depends on are missing"),
    FailureReason.DOWNSTREAM: t("the downstream pipeline could not be created"),
}
