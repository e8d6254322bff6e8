"""What a board reads: what was looked at, where the subject stands, what is strong, what is missing, what is asked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.maturity.proofs import PROOF_STATES, proofs
from plumbline.maturity.report import wording as say
from plumbline.maturity.report.changes import causes
from plumbline.maturity.report.findings import basis_of
from plumbline.maturity.report.shown import Asked, Brief, Fact, Mark, Point, ShownProof, ShownSource
from plumbline.maturity.report.steps import needed
from plumbline.maturity.roadmap import gaps
from plumbline.model.assessment import Judgement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.kernel import Text
    from plumbline.maturity.report.beside import Graded, Told
    from plumbline.maturity.report.items import Writer
    from plumbline.model.assessment import ItemGrade, Step
    from plumbline.model.words import Words

POINTS = 3  # strengths, and gaps
ASKED = 8  # steps of the roadmap
_MARKS = 8  # of the trend
_WORDS = 2  # criteria that are told of one step or one gap
_THRESHOLDS: dict[str, Text] = {
    "sheet": t("of the standard"),
    "bank": t("of banks' practice"),
    "proposed": t("ours, a proposal"),
    "owner": t("of your organisation, by an overlay"),
}
_KINDS: dict[str, Text] = {"document": t("document"), "screenshot": t("screenshot"), "demo": t("demonstration")}


def brief(writer: Writer) -> Brief:
    beside = writer.beside
    strong, weak = _ranked(writer)
    sources = _sources(writer)
    return Brief(
        numbers=_numbers(writer),
        sources=sources,
        sources_text=str(_sources_text(writer, sources)),
        thresholds=_thresholds(writer),
        strengths=tuple(_strength(writer, item) for item in strong[:POINTS]),
        strengths_text="" if strong else str(t("No demand of any item is met yet.")),
        gaps=tuple(_gap(writer, item) for item in weak[:POINTS]),
        trend=_trend(writer),
        since=_since(writer),
        causes=causes(writer),
        asked=tuple(_asked(writer, number, step) for number, step in enumerate(_first(writer), 1)),
        asked_text=_asked_text(writer),
        asked_more=_asked_more(writer),
        proofs=_proofs_text(writer),
        assessor=beside.called(beside.assessor) if beside.assessor else "",
    )


def _numbers(writer: Writer) -> tuple[Fact, ...]:
    """From what is shown to what could be: the truth lies between."""
    made = writer.assessment
    found = [(t("Proven by records and accepted statements"), made.shown)]
    if made.scope.heard:
        found.append((t("Showable with this version and what is connected here"), made.showable))
    found.append((t("Possible, if all that is unknown held"), made.ceiling))
    return tuple(Fact(name=str(name), value=writer.title(level)) for name, level in found)


def _sources(writer: Writer) -> tuple[ShownSource, ...]:
    """Those that told something; where nobody counted, those that are cited."""
    citing = Counter(
        source
        for item in writer.assessment.every_item()
        for verdict in item.verdicts
        for source in {one.source for one in verdict.cited}
    )
    told = writer.beside.told
    if told is None:
        return tuple(
            ShownSource(source=one, word="", since="–", until="–", events="–", criteria=count)
            for one, count in sorted(citing.items())
        )
    return tuple(_source(one, citing[one.source]) for one in told)


def _source(told: Told, criteria: int) -> ShownSource:
    return ShownSource(
        source=told.source,
        word=str(say.word(told.word)) if told.word else str(t("nobody who is known")),
        since=say.day(told.first),
        until=say.day(told.last),
        events=str(told.events),
        criteria=criteria,
    )


def _sources_text(writer: Writer, sources: tuple[ShownSource, ...]) -> Text:
    if writer.beside.told is None:
        return t("Since when each source tells was not looked up; these are cited.") if sources else t("None.")
    if not sources:
        return t("No source told anything: whatever is not known below is unknown for that reason.")
    events = sum(one.events for one in writer.beside.told)
    return nt("{count} source told {events} events. Of what happened before a source began nobody knows.",
              "{count} sources told {events} events. Of what happened before a source began nobody knows.",
              len(sources), events=events)  # fmt: skip


def _thresholds(writer: Writer) -> str:
    """Of whom the limits are that decide."""
    pack = writer.beside.pack
    if pack is None:
        return ""
    limits = [
        signal.at.source
        for item in pack.every_item()
        for criterion in item.criteria
        for signal in criterion.signals
        if signal.at is not None and signal.at.binding
    ]
    counted: Counter[str] = Counter(limits)
    parts = [str(t("{count} {whose}", count=counted[key], whose=text)) for key, text in _THRESHOLDS.items()
             if counted[key]]  # fmt: skip
    laid = sum(change.before != change.after for one in writer.assessment.overlays for change in one.changes)
    found = t("Of {total} thresholds that decide: {parts}.", total=len(limits), parts=str(t(", ")).join(parts))
    if not limits:
        return ""
    if not laid:
        return str(found)
    return f"{found} " + str(nt("{count} of them was changed by an overlay.",
                                "{count} of them were changed by an overlay.", laid))  # fmt: skip


def _ranked(writer: Writer) -> tuple[list[ItemGrade], list[ItemGrade]]:
    """The strongest first, and the weakest first: what is known to be missing before what is unknown."""
    items = [item for item in writer.assessment.every_item() if item.applies]
    strong = [item for item in items if item.level and _met(item)[0]]  # the lowest level may demand nothing
    strong.sort(key=lambda item: (-writer.rank(item.level), -_met(item)[0], item.id))
    weak = [item for item in items if gaps(item)]
    weak.sort(key=lambda item: (writer.rank(item.level), -_open(item)[Judgement.NOT_MET], item.id))
    chosen = {item.id for item in strong[:POINTS]}
    return strong, [item for item in weak if item.id not in chosen]


def _met(item: ItemGrade) -> tuple[int, int]:
    """Demands that are met, and how many of these by records."""
    met = [one for one in item.verdicts if one.kind == "demand" and one.outcome is Judgement.MET]
    return len(met), sum(basis_of(one) in ("computed", "reported") for one in met)


def _open(item: ItemGrade) -> Counter[Judgement]:
    """Of what is missing to the next level."""
    return Counter(one.outcome for _, one in gaps(item))


def _strength(writer: Writer, item: ItemGrade) -> Point:
    met, records = _met(item)
    text = nt("{count} demand is met, {records} by records.", "{count} demands are met, {records} by records.", met,
              records=records)  # fmt: skip
    return _point(writer, item, str(text))


def _gap(writer: Writer, item: ItemGrade) -> Point:
    wanted, missing = gaps(item), _open(item)
    found = t(
        "To level {level}: {not_met} not met, {unknown} unknown.", level=writer.title(wanted[-1][0]),
        not_met=missing[Judgement.NOT_MET] + missing[Judgement.ERROR], unknown=missing[Judgement.UNKNOWN],
    )  # fmt: skip
    return _point(writer, item, f"{found} {_few([one.text for _, one in wanted])}")


def _point(writer: Writer, item: ItemGrade, text: str) -> Point:
    return Point(
        item=item.id,
        name=say.capital(item.name),
        area=writer.areas.get(item.id, ""),
        standing=say.standing(item.level, item.ceiling),
        text=text,
    )


def _few(texts: Iterable[Words]) -> str:
    """The first of these, and how many there are besides."""
    return say.joined(list(dict.fromkeys(say.capital(one).rstrip(".。") for one in texts)), _WORDS, str(t("; ")))


def _trend(writer: Writer) -> tuple[Mark, ...]:
    made = writer.assessment
    past = [_mark(writer, one) for one in writer.beside.earlier[1 - _MARKS :]]
    now = Mark(when=writer.beside.moment(made.scope.end), level=made.shown or "–", ceiling=made.ceiling or "–")
    return (*past, now)


def _mark(writer: Writer, one: Graded) -> Mark:
    return Mark(when=writer.beside.moment(one.end), level=one.level or "–", ceiling=one.ceiling or "–")


def _since(writer: Writer) -> str:
    since = writer.beside.since
    if since is None:
        return str(t("There is no earlier assessment here to compare with."))
    if since.problem is not None:
        return str(since.problem)
    when = writer.beside.moment(since.before.end)
    return str(t("Compared with the assessment of {when}, which proved level {level}.", when=when,
                 level=writer.title(since.before.level)))  # fmt: skip


def _first(writer: Writer) -> tuple[Step, ...]:
    return writer.assessment.roadmap[:ASKED]


def _asked(writer: Writer, number: int, step: Step) -> Asked:
    return Asked(
        number=number,
        item=step.item,
        name=say.capital(step.name),
        move=f"{step.now or '–'} → {step.level}",
        text=_few(writer.verdicts[id_].remedy for id_ in step.criteria),
        needs=needed(step),
        owner=writer.beside.called(step.owner) if step.owner else "",
        due=step.due,
    )


def _asked_text(writer: Writer) -> str:
    """What is filled in by hand, and where no step leads."""
    steps, unseen = writer.assessment.roadmap, writer.assessment.unrecognised
    if not steps and not unseen:
        return str(t("Nothing: every item is at the highest level."))
    found: list[Text] = []
    if steps:
        found.append(t("Whoever is asked, and until when, is agreed between both sides and filled in here."))
    if unseen:
        found.append(nt("This version cannot recognise {count} open criterion yet; no step leads there.",
                        "This version cannot recognise {count} open criteria yet; no step leads there.",
                        len(unseen)))  # fmt: skip
    return " ".join(map(str, found))


def _asked_more(writer: Writer) -> str:
    left = len(writer.assessment.roadmap) - ASKED
    if left <= 0:
        return ""
    return str(nt("{count} further step is in the full report.", "{count} further steps are in the full report.", left))


def _proofs_text(writer: Writer) -> str:
    if writer.beside.pack is None:
        return ""
    found = Counter(one.state for one in proofs(writer.beside.pack, writer.assessment))
    if not found:
        return ""
    parts = [str(t("{count} {whose}", count=found[key], whose=text)) for key, text in PROOF_STATES.items()
             if found[key]]  # fmt: skip
    return str(t("Of {total} proofs that assessors ask to see: {parts}.", total=found.total(),
                 parts=str(t(", ")).join(parts)))  # fmt: skip


def shown_proofs(writer: Writer) -> tuple[ShownProof, ...]:
    """In the order of the pack; none where the pack is not known."""
    pack = writer.beside.pack
    return tuple(
        ShownProof(
            code=one.code or "–",
            kind=str(_KINDS[one.kind]),
            shows=say.capital(one.shows),
            criterion=one.criterion,
            state=one.state,
            state_text=str(PROOF_STATES[one.state]),
            events=str(one.events) if one.events else "–",
        )
        for one in (proofs(pack, writer.assessment) if pack is not None else ())
    )
