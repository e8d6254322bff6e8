"""Numbers, outcomes and levels in words, in the language that is in use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.model.assessment import Judgement
from plumbline.model.fact import UNDECIDED, UNNAMED, Lack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.kernel import Text
    from plumbline.model.assessment import Assessment, Late
    from plumbline.model.fact import Fact
    from plumbline.model.words import Words

MOST_IGNORED = 5  # entries that a notice names

OUTCOMES: dict[str, Text] = {
    Judgement.MET: t("met"),
    Judgement.NOT_MET: t("not met"),
    Judgement.UNKNOWN: t("unknown"),
    Judgement.WAIVED: t("waived"),
    Judgement.NOT_APPLICABLE: t("does not apply"),
    Judgement.ERROR: t("cannot be judged"),
}
SIGNS: dict[str, Text] = {"seen": t("sign seen"), "absent": t("sign not seen")}
STATES: dict[str, Text] = {
    "proven": t("proven"),
    "above": t("holds, but a lower level does not"),
    "not_met": t("something is not met"),
    "unknown": t("open: something is unknown"),
    "waived": t("open: something is waived"),
    "none": t("nothing is demanded"),
    "off": t("does not apply"),
}
EFFORTS: dict[str, Text] = {"low": t("low effort"), "medium": t("medium effort"), "high": t("high effort")}
BASES: dict[str, Text] = {
    "computed": t("computed from records"),
    "reported": t("reported by a tool"),
    "statement": t("stated by a person"),
}
LACKS: dict[str, Text] = {
    Lack.NO_SOURCE: t("Nothing of the kind was ever recorded."),
    Lack.TOO_FEW: t("There are too few records to judge by."),
    Lack.UNDECIDED: t("Nobody can tell of so many that they would decide it."),
    Lack.LATE: t("More of it was told late than the pack takes."),
    Lack.STALE: t("The newest record is older than the window."),
    Lack.NOT_SUPPORTED: t("No connected tool told this, and this version cannot compute it."),
}
EXCLUDED: dict[str, Text] = {
    "squashed": t("squashed into one commit"),
    "start_unknown": t("the start is unknown"),
    UNDECIDED: t("nobody knows who acted"),
    UNNAMED: t("cases that were counted, and have no entry of their own"),
    "clock_skew": t("the clocks contradict each other"),
    "before_baseline": t("before the first deployment that is known"),
    "bots": t("by bots"),
    "cancelled": t("canceled"),
    "commit_unknown": t("the commit is unknown"),
    "link_from_change": t("links told from the change, which do not say what the work item shows"),
    "intent_unknown": t("nobody told whether it was a rollback"),
    "files_unknown": t("nobody told which files changed"),
    "flaky": t("failed, and succeeded when run again"),
    "merges": t("merges"),
    "message_not_read": t("nobody read the message"),
    "not_automatic": t("started by hand"),
    "not_known_to_be_pushes": t("commits that no known merge brought; git does not say whether they were pushes"),
    "queue_unknown": t("the start of the wait is unknown"),
}


def left_out(reason: str) -> str:
    """Why some were left out of a fact, in words where there are some."""
    return str(EXCLUDED.get(reason, reason.replace("_", " ")))


def number(value: float, limit: float | None = None) -> str:
    """Rounded for people, but never so far that it looks as if it were the limit when it is not."""
    digits = 1
    while digits < 6 and limit is not None and value != limit and round(value, digits) == round(limit, digits):
        digits += 1
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def quantity(value: float, unit: str, limit: float | None = None) -> str:
    """A number with its unit."""
    shown = number(value, limit)
    if unit in ("count", "", "ratio"):
        return shown
    if unit == "%":
        return f"{shown} %"
    words = {
        "s": t("{number} seconds", number=shown),
        "min": t("{number} minutes", number=shown),
        "h": t("{number} hours", number=shown),
        "d": t("{number} days", number=shown),
        "pp": t("{number} percentage points", number=shown),
        "/day": t("{number} per day", number=shown),
        "/week": t("{number} per week", number=shown),
        "/kloc": t("{number} per 1000 lines", number=shown),
    }
    return str(words.get(unit, f"{shown} {unit}"))


def limit_text(op: str, limit: float, unit: str) -> str:
    amount = quantity(limit, unit)
    sentences = {
        ">=": t("at least {amount}", amount=amount),
        "<=": t("at most {amount}", amount=amount),
        ">": t("more than {amount}", amount=amount),
        "<": t("less than {amount}", amount=amount),
        "=": t("exactly {amount}", amount=amount),
    }
    return str(sentences[op])


def outcome_key(outcome: Judgement, kind: str) -> str:
    """A sign of a low level that is there is nothing good: it is never called met."""
    if kind == "sign":
        return {Judgement.MET: "seen", Judgement.NOT_MET: "absent"}.get(outcome, outcome.value)
    return outcome.value


def outcome_text(key: str) -> str:
    return str(SIGNS.get(key) or OUTCOMES[key])


def capital(words: Words | str) -> str:
    """Names in packs begin small; at the beginning of a line they do not."""
    text = str(words)
    return text[:1].upper() + text[1:]


def moment(micros: int) -> str:
    try:
        return datetime.fromtimestamp(micros / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return "–"


def day(micros: int) -> str:
    return moment(micros)[:10]


def level_title(levels: Sequence[tuple[str, Words]], level: str) -> str:
    """``3 comprehensive``."""
    name = next((name for id_, name in levels if id_ == level), None)
    return f"{level} {name}" if name is not None else str(t("below the lowest level"))


def standing(level: str, ceiling: str) -> str:
    """The proven level, and how high it could be if all that is unknown held."""
    shown = level or str(t("below the lowest level"))
    if ceiling == level:
        return shown
    return str(t("{level} (could be up to {ceiling})", level=shown, ceiling=ceiling))


def whole(made: Assessment, title: Callable[[str], str] = str) -> str:
    """The grade of everything; ``title`` names a level. What takes waivers is never called proven."""
    ceiling = title(made.ceiling) if made.ceiling else made.ceiling
    if not made.by_waivers:
        return standing(title(made.level) if made.level else made.level, ceiling)
    proven = title(made.proven) if made.proven else str(t("below the lowest level"))
    return str(t("waived to {level} (shown by records: {proven})", level=title(made.level), proven=proven))


def joined(names: Sequence[str], most: int = 3, between: str = "") -> str:
    """The first few of these, and how many more there are."""
    head = (between or str(t(", "))).join(names[:most])
    if len(names) <= most:
        return head
    return str(t("{names} and {count} more", names=head, count=len(names) - most))


def words_of(fact: Fact) -> str:
    """Whose word a fact rests on; empty: this server's alone, or nobody's."""
    named = [str(word(one)) for one in fact.sources]
    return str(t("on the word of {names}", names=str(t(", ")).join(named))) if named else ""


def word(whose: str) -> Text:
    """Whose word something is, as :func:`plumbline.evidence.word_of` names it."""
    kind, _, name = whose.partition(":")
    if kind == "source":
        return t("the source {name}", name=name)
    if kind == "forge":
        return t("the forge {name}", name=name)
    named = {"file": t("the file that was given"), "own": t("this server")}
    return named.get(kind, t("{name}", name=whose))


def late(one: Late) -> Text:
    """How much of what somebody told came late."""
    share = quantity(100 * one.late / one.events, "%")
    return t("{share} of what {name} told ({late} of {events} events) was received more than a day after it happened.",
             share=share, name=word(one.word), late=one.late, events=one.events)  # fmt: skip


def ignored(assessment: Assessment) -> str:
    """Which entries claim to be evidence, and count for nothing; empty: none."""
    if not assessment.ignored_events:
        return ""
    shown = ", ".join(f"{one.id} ({one.source})" for one in assessment.ignored[:MOST_IGNORED])
    more = "" if assessment.ignored_events <= MOST_IGNORED else " …"
    return str(
        nt(
            "{count} entry claims to be evidence and counts for nothing, since nobody vouches for whose word it is: "
            "{names}",
            "{count} entries claim to be evidence and count for nothing, since nobody vouches for whose word they "
            "are: {names}",
            assessment.ignored_events,
            names=shown + more,
        )
    )
