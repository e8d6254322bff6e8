"""An assessment on a terminal: the items with their levels, one item opened, the way up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from plumbline.cli.display.table import table
from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.maturity import EFFORTS, OUTCOMES, PROOF_STATES, gaps, left_out, needs_in_words, reservations, words_of
from plumbline.model.assessment import Judgement
from plumbline.model.fact import Lack, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.cli.display.words import Paint
    from plumbline.maturity import Proof
    from plumbline.model.assessment import Assessment, Finding, GroupGrade, ItemGrade, Step, Verdict

SIGNS = {
    Judgement.MET: ("✓", "green"),
    Judgement.NOT_MET: ("✗", "red"),
    Judgement.UNKNOWN: ("?", "yellow"),
    Judgement.NOT_APPLICABLE: ("–", "dim"),
    Judgement.WAIVED: ("w", "magenta"),
    Judgement.ERROR: ("!", "red"),
}
_LACKS = {
    Lack.NO_SOURCE: t("nothing of the kind was recorded"),
    Lack.TOO_FEW: t("too few records"),
    Lack.LATE: t("too much of it was told late"),
    Lack.UNDECIDED: t("nobody can tell of too many"),
    Lack.STALE: t("the newest record is too old"),
    Lack.NOT_SUPPORTED: t("no connected source tells this"),
}
_STEPS = 7  # of the roadmap


def summary_lines(made: Assessment, paint: Paint, *, level: str = "", width: int = 0) -> Iterator[str]:
    """The grade of everything; ``level``: also show all that is missing for this level."""
    yield paint(f"{made.pack_name}  {made.scope.subject}", "bold")
    yield str(made.notice)
    yield from reservations(made)
    yield ""
    yield from _headline(made)
    yield ""
    for group in made.groups:
        yield from _group_lines(made, group, paint, level, width)
        yield ""
    if level:
        yield from _missing(made, level, paint)
        yield ""
    yield from _decided(made)
    yield ""
    yield from _way_up(made, paint)
    yield str(
        t(
            "Pack {pack} version {version}, {digest}; lowest item decides; result {result}",
            pack=made.pack,
            version=made.pack_version,
            digest=made.pack_digest[:19],
            result=made.digest[:19],
        )
    )


def _headline(made: Assessment) -> Iterator[str]:
    level = _named(made, made.level)
    if made.by_waivers:
        yield str(t("Waived to level {level}; the records show: {proven}.", level=level,
                    proven=_named(made, made.proven)))  # fmt: skip
    elif made.ceiling != made.level:
        yield str(
            t(
                "Level {level} is shown by the records; what is unknown leaves room up to {ceiling}.",
                level=level,
                ceiling=made.ceiling,
            )
        )
    else:
        yield str(t("Level {level}.", level=level))
    if made.scope.heard:
        yield str(t("With this version and what is connected here, this level could be shown: {level}.",
                    level=_named(made, made.showable)))  # fmt: skip


def _named(made: Assessment, level: str) -> str:
    return f"{level} {dict(made.levels)[level]}" if level else str(t("below the lowest level"))


def _range(one: GroupGrade | ItemGrade, *, heard: bool) -> str:
    """Proven, what could be shown here, and the ceiling: ``1..3..5``."""
    numbers = (one.level, one.showable, one.ceiling) if heard else (one.level, one.ceiling)
    return "..".join(number or "-" for number in numbers)


def _group_lines(made: Assessment, group: GroupGrade, paint: Paint, level: str, width: int) -> Iterator[str]:
    yield paint(f"{group.id} {group.name}  {_range(group, heard=bool(made.scope.heard))}", "bold")
    rows = [_item_row(made, item, level) for item in group.every_item()]
    head = (t("item"), t("name"), t("level"), t("showable here"), t("up to"), t("met"), t("events"), t("unknown"),
            t("next step"))  # fmt: skip
    yield from table(head, rows, right=frozenset({2, 3, 4, 5, 6, 7}), limit=34, width=width)


def _item_row(made: Assessment, item: ItemGrade, level: str) -> tuple[str, ...]:
    verdicts = [one for one in item.verdicts if one.required]
    met = sum(one.holds for one in verdicts)
    unknown = sum(one.outcome is Judgement.UNKNOWN for one in verdicts)
    missing = gaps(item, level)
    step = str(missing[0][1].remedy) if missing else str(t("nothing is missing"))
    if not item.applies:
        step = str(t("does not apply: {reason}", reason=item.reason))
    return (
        item.id, str(item.name), item.label or "-", (item.showable or "-") if made.scope.heard else "",
        item.ceiling or "-", f"{met}/{len(verdicts)}", str(sum(one.events for one in verdicts)), str(unknown), step,
    )  # fmt: skip


def _missing(made: Assessment, level: str, paint: Paint) -> Iterator[str]:
    """Every criterion that an item lacks, from the level it has up to this one."""
    yield paint(t("Missing for level {level}", level=f"{level} {dict(made.levels)[level]}"), "bold")
    lacking = [(item, found) for item in made.every_item() if item.applies and (found := gaps(item, level))]
    for item, found in lacking:
        yield f"{item.id} {item.name}"
        for _, one in found:
            sign, colour = SIGNS[one.outcome]
            yield f"  {paint(sign, colour)} {one.criterion} {one.text}: {OUTCOMES[one.outcome]}"
            yield f"      -> {one.remedy} [{EFFORTS.get(one.effort, one.effort)}]"
    if not lacking:
        yield str(t("nothing is missing"))


def decided_from_records(made: Assessment, level: str) -> tuple[int, int, int]:
    """Required criteria of a level: decided from records (met or not), decided with a statement, all."""
    verdicts = [
        one for item in made.every_item() for each in item.levels if each.level == level for one in each.verdicts
    ]
    demanded = [one for one in verdicts if one.kind == "demand"]
    decided = [one for one in demanded if one.outcome in (Judgement.MET, Judgement.NOT_MET)]
    spoken = [one for one in decided if any(each.probe == "statement" and each.lack is None for each in one.findings)]
    return len(decided) - len(spoken), len(spoken), len(demanded)


def _decided(made: Assessment) -> Iterator[str]:
    for level, name in made.levels:
        records, spoken, whole = decided_from_records(made, level)
        if whole:
            yield str(
                t(
                    "Level {level} ({name}): {records} of {whole} criteria decided from records, {spoken} with a "
                    "statement, {open} unknown or open.",
                    level=level,
                    name=name,
                    records=records,
                    whole=whole,
                    spoken=spoken,
                    open=whole - records - spoken,
                )
            )


def _way_up(made: Assessment, paint: Paint) -> Iterator[str]:
    if made.roadmap:
        yield paint(t("The shortest way up"), "bold")
        for number, step in enumerate(made.roadmap[:_STEPS], 1):
            yield step_line(number, step)
            for need, criteria in needs_in_words(step.needs):
                yield str(t("   {criteria}: {need}", criteria=", ".join(criteria), need=need))
            if step.owner or step.due:
                yield str(t("   owner: {owner}; by {due}", owner=step.owner or "-", due=step.due or "-"))
        more = len(made.roadmap) - _STEPS
        if more > 0:
            yield str(nt("… and {count} more step", "… and {count} more steps", more))
    if made.unrecognised:
        yield str(nt("This version cannot recognise {count} open criterion yet; no step leads there.",
                     "This version cannot recognise {count} open criteria yet; no step leads there.",
                     len(made.unrecognised)))  # fmt: skip
    if made.roadmap or made.unrecognised:
        yield ""


def step_line(number: int, step: Step) -> str:
    line = nt(
        "{number}. {item} {name}: {now} -> {level} if {count} criterion held ({criteria}), effort {effort}",
        "{number}. {item} {name}: {now} -> {level} if {count} criteria held ({criteria}), effort {effort}",
        len(step.criteria),
        number=number,
        item=step.item,
        name=step.name,
        now=step.now or "-",
        level=step.level,
        criteria=", ".join(step.criteria),
        effort=step.effort,
    )
    if not step.lifts:
        return str(line)
    return str(t("{step}; then {groups} would be level {level}", step=line, groups=", ".join(step.lifts),
                 level=step.level))  # fmt: skip


def item_lines(item: ItemGrade, paint: Paint, *, heard: bool = False) -> Iterator[str]:
    """One item down to its events. ``heard``: whether it was noted what is connected."""
    yield paint(f"{item.id} {item.name}  {item.label or '-'} ({_range(item, heard=heard)})", "bold")
    yield str(item.looks_at)
    for level in item.levels:
        yield ""
        held = t("held") if level.held else t("partly held") if level.partly else t("not held")
        yield paint(t("Level {level}: {held}", level=level.level, held=held), "bold")
        for verdict in level.verdicts:
            yield from _verdict_lines(verdict, paint)
        if not level.verdicts:
            yield f"  {t('nothing is demanded here')}"


def _verdict_lines(verdict: Verdict, paint: Paint) -> Iterator[str]:
    sign, colour = SIGNS[verdict.outcome]
    note = f" ({t('a sign, not a demand')})" if verdict.kind == "sign" else ""
    if verdict.outgrown_by:
        note = f" ({t('outgrown by {id}', id=verdict.outgrown_by)})"
    yield f"  {paint(sign, colour)} {verdict.criterion} {verdict.text}: {OUTCOMES[verdict.outcome]}{note}"
    if verdict.reason:
        yield f"      {verdict.reason}"
    for finding in verdict.findings:
        yield f"      {_finding(finding)}"
        if finding.fact.cited:
            ids = ", ".join(one.id for one in finding.fact.cited[:3])
            yield f"        {nt('{count} event: {ids}', '{count} events: {ids}', finding.fact.events, ids=ids)}"
    if not verdict.holds and verdict.required:
        yield f"      -> {verdict.remedy} [{EFFORTS.get(verdict.effort, verdict.effort)}]"


def _finding(finding: Finding) -> str:
    limit = f"{finding.op} {finding.limit:g} {finding.unit}" if finding.limit is not None else ""
    if finding.lack is not None:
        found: object = _LACKS[finding.lack]
        if finding.too_soon:
            days, asked = finding.fact.observed_days, finding.fact.asked_days
            found = t("observed {days} of {asked} days", days=days, asked=asked)
    elif finding.measured is None:
        found = t("the answer does not fit the question")
    elif finding.limit is None:
        found = t("valid") if finding.outcome is Judgement.MET else t("not valid: nobody else has accepted it")
    else:
        found = f"{finding.measured:.4g} {finding.unit} (n={finding.sample})"
    parts = [f"{finding.title}: {found}"]
    if limit:
        parts.append(str(t("wanted {limit}", limit=limit)))
    if finding.fact.excluded:
        reasons = sorted(finding.fact.excluded.items())
        left = str(t(", ")).join(f"{count} × {left_out(reason)}" for reason, count in reasons if count)
        if left:
            parts.append(str(t("left out: {reasons}", reasons=left)))
    if finding.fact.origin is Origin.REPORTED:
        parts.append(str(t("told by {source}", source=finding.fact.reporter)))
    if words := words_of(finding.fact):
        parts.append(words)
    if not finding.binding:
        parts.append(str(t("for comparison only")))
    return str(t("; ")).join(parts)


def proof_lines(found: Sequence[Proof], level: str, width: int) -> Iterator[str]:
    """What assessors ask to see, and where each comes from; ``level``: of this level alone."""
    shown = [one for one in found if not level or one.level == level]
    if not shown:
        yield str(t("The model lists no proofs here."))
        return
    rows = [(one.code or "-", one.level, one.criterion, str(PROOF_STATES[one.state]), one.events or "-", str(one.shows))
            for one in shown]  # fmt: skip
    head = (t("code"), t("level"), t("criterion"), t("state"), t("events"), t("what is asked for"))
    yield from table(head, rows, right=frozenset({4}), width=width)
    counts = Counter(one.state for one in shown)
    yield ""
    yield ", ".join(f"{word}: {counts[state]}" for state, word in PROOF_STATES.items())
