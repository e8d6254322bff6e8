"""What a report says beside the grade: names, sources, and what changed since the assessment before."""

from __future__ import annotations

import msgspec
from tests.flow.assess_world import BRONZE, PATH, SILVER, World

from plumbline.adapters.renderers import render_html
from plumbline.flow.assessments import exemptions
from plumbline.flow.assessments.assess_ledger import grade_now
from plumbline.flow.assessments.plans import plan_step
from plumbline.flow.assessments.report import report_for_operator, view_report
from plumbline.maturity import make_report
from plumbline.model.assessment import StepPlan


def told(world, seq, actor=None):
    found = view_report(actor or world.wang, world.tools, seq)
    return found.beside, make_report(found.assessment, "en", beside=found.beside)


def test_the_first_assessment_is_compared_with_nothing(tmp_path):
    world = World(tmp_path, BRONZE)
    _, record = world.assess()
    beside, report = told(world, record.seq)
    assert beside.since is None
    assert report.brief.assessor == "wang.li"
    assert report.subject == "acme · shop"
    assert [one.level for one in report.brief.trend] == ["bronze"]
    (source,) = [one for one in beside.told if one.events >= len(BRONZE)]
    assert source.first <= source.last <= world.now


def test_who_is_named_is_called_by_their_title(tmp_path):
    world = World(tmp_path, BRONZE[:2])
    exemptions.waive_criterion(world.wang, world.tools, world.node(), "ci-b1", "No users yet.")
    exemptions.waive_criterion(world.wang, world.tools, world.node(), "ci-s2", "No users yet.")
    with world.store.change() as tx:
        tx.people.save(msgspec.structs.replace(tx.people.named("wang.li"), title="王丽"))
        tx.tree.save(msgspec.structs.replace(tx.tree.at(PATH), title="网上商城"))
    _, record = world.assess()
    beside, report = told(world, record.seq)
    assert beside.titles == {"wang.li": "王丽", PATH: "acme · 网上商城"}
    assert report.subject == "acme · 网上商城"
    assert report.path == PATH
    assert report.brief.assessor == "王丽"
    assert any("by 王丽" in one for one in report.reservations)
    notes = {one.note for item in report.every_item() for level in item.levels for one in level.criteria}
    assert "No users yet. (王丽)" in notes


def test_the_second_says_what_practice_and_what_a_waiver_changed(tmp_path):
    world = World(tmp_path, BRONZE[:2])
    world.assess()
    world.append(*SILVER[3:], BRONZE[2])
    world.now += 10
    _, record = world.assess()
    beside, report = told(world, record.seq)
    practice, word, rule = report.brief.causes
    assert practice.lines
    assert (word.lines, rule.lines) == ((), ())
    assert (word.nothing, practice.nothing) == ("Nothing.", "")
    assert len(beside.earlier) == 1
    assert len(report.brief.trend) == 2


def test_who_takes_a_step_and_by_when_stands_in_the_report(tmp_path):
    world = World(tmp_path, SILVER)
    with world.store.change() as tx:
        tx.people.save(msgspec.structs.replace(tx.people.named("chen.yu"), title="陈瑀"))
    made, _ = world.assess()
    step = made.roadmap[0]
    plan = StepPlan(owner="chen.yu", due="2027-01-31")
    plan_step(world.wang, world.tools, world.node(), made.pack, step.item, step.level, plan)
    _, record = world.assess()
    _, report = told(world, record.seq)
    asked = report.brief.asked[0]
    assert (asked.item, asked.owner, asked.due) == (step.item, "陈瑀", "2027-01-31")
    first = report.stages[0].steps[0]
    assert (first.owner, first.due) == ("陈瑀", "2027-01-31")


def test_the_third_number_stands_between_where_it_is_known(tmp_path):
    world = World(tmp_path, BRONZE)
    known, _ = world.assess()
    known = msgspec.structs.replace(known, showable="silver")
    made = msgspec.structs.replace(known, scope=msgspec.structs.replace(known.scope, heard=()))
    names = [[number.value.split()[0] for number in make_report(one, "en").brief.numbers] for one in (made, known)]
    assert names == [["bronze", "gold"], ["bronze", "silver", "gold"]]
    assert "Showable here" in render_html(known, "en")


def test_without_a_record_nothing_is_compared_and_it_says_so(tmp_path):
    world = World(tmp_path, BRONZE)
    made = grade_now(world.tools, PATH, "lighthouse")
    assert report_for_operator(world.tools, made, None, world.pack.pack).since is None
    world.assess()
    beside = report_for_operator(world.tools, made, None, world.pack.pack)
    assert "not recorded" in make_report(made, "en", beside=beside).brief.since


def test_what_cannot_be_compared_says_why(tmp_path):
    world = World(tmp_path, BRONZE)
    world.assess()
    world.append(*SILVER[3:])
    _, second = world.assess()
    for file in (tmp_path / "packs").iterdir():
        file.unlink()
    made = grade_now(world.tools, PATH, "lighthouse")
    beside = report_for_operator(world.tools, made, second, world.pack.pack)
    assert beside.pack is None
    assert "is not in the data folder" in make_report(made, "en", beside=beside).brief.since
