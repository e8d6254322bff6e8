"""The short report is for a board, on at most eight pages whatever is in it; the full one is to look things up in."""

from __future__ import annotations

import re
import shutil
import subprocess
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.adapters.test_adapters_renderers import DAY, END, LANGUAGES, graded, text_of

from plumbline.adapters.packs import load_pack
from plumbline.adapters.renderers import render_html, render_pdf
from plumbline.maturity import Beside, Graded, ItemChange, RuleChange, Since, Told, make_report
from plumbline.model.assessment import Changed, Exempted, Laid
from plumbline.model.fact import Cited
from plumbline.model.words import Words

LONG = "an-address-without-any-room-for-a-break/" * 12
WORD = re.compile(r'<word xMin="([0-9.]+)" yMin="([0-9.]+)" xMax="([0-9.]+)" yMax="([0-9.]+)">([^<]*)</word>')
WIDE = "没有任何空格的很长的名称" * 12


@pytest.fixture(scope="module")
def rich():
    return graded(True)


@pytest.fixture(scope="module")
def beside():
    """All that a server knows."""
    pack = load_pack().pack
    items = [item.id for item in pack.every_item()]
    changes = (
        ItemChange(item=items[0], before="1", same_word="2", same_rule="2", after="2"),
        ItemChange(item=items[1], before="1", same_word="1", same_rule="2", after="2"),
        ItemChange(item=items[2], before="3", same_word="3", same_rule="3", after="2-"),
    )
    return Beside(
        pack=pack,
        told=(Told(source="https://tool.example/<a>", events=190, first=END - 30 * DAY, last=END, word="source:tool"),),
        titles={"bank/<b>支付</b>": "星海银行 · 支付", "wang.li": "王丽"},
        zone=ZoneInfo("Asia/Shanghai"),
        assessor="wang.li",
        earlier=(
            Graded(end=END - 60 * DAY, level="1", ceiling="4"),
            Graded(end=END - 30 * DAY, level="2", ceiling="4"),
        ),
        since=Since(
            before=Graded(end=END - 30 * DAY, level="2", ceiling="4"),
            items=changes,
            rules=(RuleChange(id="cd.4.1.4-2b", what=("signals",), before="builds >= 1", after="builds >= 2"),),
        ),
    )


def words(pdf):
    return " ".join(text_of(pdf).split())


def overprinted(pdf):
    """Pairs of words of a page that stand upon each other."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: install poppler-utils")
    done = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, stdout=subprocess.PIPE, check=True)
    found = []
    for page in done.stdout.decode(errors="replace").split("<page ")[1:]:
        boxes = [(*map(float, one[:4]), one[4]) for one in WORD.findall(page)]
        boxes.sort(key=lambda box: box[1])
        for number, (left, top, right, bottom, text) in enumerate(boxes):
            for left2, top2, right2, _, text2 in boxes[number + 1 :]:
                if top2 > bottom - 3:
                    break
                if min(right, right2) - max(left, left2) > 2 and bottom - top2 > 3 and top2 - top < 3:
                    found.append((text, text2))
    return found


def pages(pdf):
    return text_of(pdf).count("\f")


def test_a_report_says_what_was_looked_at_and_how_it_stands(rich, beside):
    brief = make_report(rich, "en", beside=beside).brief
    assert [one.value for one in brief.numbers] == ["1 initial", "1 initial"]
    (source,) = brief.sources
    assert (source.word, source.since, source.until, source.events) == (
        "the source tool", "2026-08-22", "2026-09-21", "190",
    )  # fmt: skip
    assert source.criteria == sum(any(one.cited) for item in rich.every_item() for one in item.verdicts)
    assert brief.thresholds.startswith("Of 437 thresholds that decide: 61 of the standard, 376 ours")
    assert "proofs that assessors ask to see" in brief.proofs
    assert len(brief.strengths) == len(brief.gaps) == 3
    assert not {one.item for one in brief.strengths} & {one.item for one in brief.gaps}
    assert [one.level for one in brief.trend] == ["1", "2", "1"]


def test_what_changed_stands_under_its_own_cause(rich, beside):
    practice, word, rule = make_report(rich, "en", beside=beside).brief.causes
    assert practice.lines == ("Version control system: 1 → 2",)
    assert word.lines == ("Branch management: 1 → 2",)
    assert rule.lines == ("Artifact management: 3 → 2-", "cd.4.1.4-2b: builds >= 1 → builds >= 2")


def test_nothing_is_said_of_what_is_not_known(rich):
    brief = make_report(rich, "en").brief
    assert (brief.thresholds, brief.proofs, brief.causes, brief.assessor) == ("", "", (), "")
    assert "no earlier assessment" in brief.since
    assert "was not looked up" in brief.sources_text
    assert {one.since for one in brief.sources} == {"–"}


def test_without_a_proven_item_there_is_no_strength():
    nothing = make_report(graded(False), "en", beside=Beside(told=())).brief
    assert nothing.strengths == ()
    assert nothing.strengths_text == "No demand of any item is met yet."
    assert "No source told anything" in nothing.sources_text


def test_persons_and_systems_have_their_names_and_times_both_zones(rich, beside):
    waived = Exempted(rule="cd.1.1.1-2a", reason="x", person="wang.li", second="chen.yu", until=END + DAY)
    made = msgspec.structs.replace(rich, exempted=(waived,), overlays=(Laid(id="x", version="1", by="wang.li"),))
    report = make_report(made, "en", beside=beside)
    assert report.subject == "星海银行 · 支付"
    assert report.as_of == "2026-09-21 22:13 UTC+08:00 (2026-09-21 14:13 UTC)"
    assert any("by 王丽, agreed by chen.yu" in one for one in report.reservations)
    assert any("of 王丽 is laid" in one for one in report.reservations)
    assert report.brief.assessor == "王丽"
    assert beside.called("chen.yu") == "chen.yu"
    same = msgspec.structs.replace(beside, titles={"a": "王丽", "b": "王丽"})
    assert same.called("a") == "王丽 (a)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_short_report_is_short_and_says_what_a_board_reads(rich, beside, language):
    rendered = render_pdf(rich, language, "short", beside)
    assert rendered.warnings == ()
    assert pages(rendered.data) <= 8
    text = "".join(words(rendered.data).split())
    report = make_report(rich, language, beside=beside)
    brief, labels = report.brief, report.labels
    said = [
        report.subject,
        report.headline,
        report.notice,
        report.as_of,
        brief.since,
        brief.asked_text,
        labels["assessed"],
    ]
    said += [one.name for one in (*brief.strengths, *brief.gaps, *brief.asked)]
    said += [line for cause in brief.causes for line in cause.lines]
    said += [labels[key] for key in ("whom", "due", "assessor", "assessed", "signature")]
    assert [one for one in said if "".join(one.split()) not in text] == []


def big(made):
    """As much as there can be of everything, by the longest names."""
    name = Words(en=LONG, zh=WIDE)
    items = [
        msgspec.structs.replace(group, name=name, items=tuple(
            msgspec.structs.replace(item, name=name, reason=LONG) for item in group.every_item()
        ), groups=())
        for group in made.groups
    ]  # fmt: skip
    steps = tuple(msgspec.structs.replace(step, name=name) for step in made.roadmap)
    granted = [Exempted(rule=f"rule-{n}", reason=LONG, person=f"person-{n}{LONG}", until=END) for n in range(300)]
    changed = tuple(Changed(rule=f"{LONG}{n}", what=("at",), before=LONG, after=WIDE) for n in range(100))
    return msgspec.structs.replace(
        made,
        groups=tuple(items) * 6,
        roadmap=steps,
        notice=name,
        ignored=(Cited(LONG, LONG),) * 100,
        ignored_events=12345,
        exempted=tuple(granted),
        overlays=tuple(Laid(id=LONG, version="1", by=WIDE, changes=changed) for _ in range(20)),
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_short_report_stays_short_whatever_is_in_it(rich, beside, language):
    told = tuple(
        Told(source=f"{LONG}{n}", events=10**9, first=END - DAY, last=END, word=f"source:{LONG}") for n in range(200)
    )
    change = ItemChange(item=LONG, before="1", same_word="2", same_rule="3", after="4")
    rule = RuleChange(id=LONG, what=("at",), before=LONG, after=WIDE)
    much = msgspec.structs.replace(
        beside,
        told=told,
        titles={rich.scope.subject: WIDE + LONG, "wang.li": WIDE},
        earlier=beside.earlier * 40,
        since=msgspec.structs.replace(beside.since, items=(change,) * 90, rules=(rule,) * 90),
    )
    assert pages(render_pdf(big(rich), language, "short", much).data) <= 8


@pytest.mark.slow
def test_the_full_report_has_proofs_by_code_and_an_index_of_events(rich, beside):
    text = words(render_pdf(rich, "en", "full", beside).data)
    codes = {one.code for one in make_report(rich, "en", beside=beside).proofs}
    assert len(codes) > 100
    assert [one for one in codes if one not in text] == []
    assert "283 events are cited." in text


@pytest.mark.slow
def test_ids_of_any_length_stay_in_their_columns(rich):
    """An id that overprints its neighbour is read together with it."""
    run = "0123456789abcdef" * 8

    def renamed(one):
        return Cited(source=f"https://tool.example/{run}", id=f"{one.id}{run}")

    def longer(value):
        if isinstance(value, Cited):
            return renamed(value)
        if isinstance(value, tuple):
            return tuple(longer(one) for one in value)
        if isinstance(value, msgspec.Struct):
            names = ("groups", "items", "levels", "verdicts", "findings", "fact", "cited")
            return msgspec.structs.replace(value, **{n: longer(getattr(value, n)) for n in names if hasattr(value, n)
                                                     and n in value.__struct_fields__})  # fmt: skip
        return value

    made = longer(rich)
    assert overprinted(render_pdf(made, "en").data) == []


def test_a_short_page_has_no_items_and_a_full_one_has_them(rich, beside):
    short, full = (render_html(rich, "en", form, beside) for form in ("short", "full"))
    assert len(short) < len(full) / 4
    assert '<details id="cd.1.1.1">' not in short
    assert 'id="proofs"' in full
    for page in (short, full):
        assert "王丽" in page
        assert "Of 437 thresholds" in page
