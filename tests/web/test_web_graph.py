"""The drawing of a pipeline: columns, boxes and lines, and what is folded."""

from __future__ import annotations

import itertools

from plumbline.model.change import Change, Event, Project
from plumbline.model.job import State
from plumbline.model.server import StoredJob, StoredPipeline
from plumbline.web.folds import Folds
from plumbline.web.graph import GAP_Y, HEIGHT, MOST, Below, draw
from plumbline.web.jobs import JobRow

_NUMBERS = itertools.count(1)
STAGES = ("build", "test", "deploy")


def row(name, stage=0, needs=None, group="", look="success", critical=False, place=0):
    job = StoredJob(id=next(_NUMBERS), pipeline=1, name=name, stage=STAGES[stage], state=State.SUCCESS)
    return JobRow(job=job, look=look, why=None, who=None, child=None, group=group or name, place=place, needs=needs,
                  stage=stage, critical=critical)  # fmt: skip


def drawn(rows, below=None, *, by_needs=False, opened=()):
    return draw(rows, STAGES, below or {}, Folds("/pipelines/1", by_needs, frozenset(opened)), now=0)


def names(graph):
    """Those of each column, from top to bottom."""
    columns = {}
    for box in sorted(graph.boxes, key=lambda box: (box.x - 16 * box.inset, box.y)):
        columns.setdefault(box.x - 16 * box.inset, []).append(box.name)
    return list(columns.values())


def matrix(count=6, place=3):
    return [row(f"build {n}/{count}", group="build", look="failed" if n == 2 else "success", place=place)
            for n in range(1, count + 1)]  # fmt: skip


def test_columns_are_stages_in_their_order():
    graph = drawn([row("a"), row("b", 1), row("c", 1), row("d", 2)])
    assert names(graph) == [["a"], ["b", "c"], ["d"]]
    assert [column.name for column in graph.columns] == ["build", "test", "deploy"]
    assert graph.edges == ()


def test_with_dependencies_stages_keep_their_order_and_jobs_stand_after_what_they_need():
    """Also one of the last stage that needs nothing: it begins at once, and stands in its stage nevertheless."""
    rows = [row("a"), row("b", 1, ("a",)), row("c", 1, ("b",)), row("early", 2, ()), row("d", 2, ("a", "c"))]
    graph = drawn(rows, by_needs=True)
    assert names(graph) == [["a"], ["b"], ["c"], ["early", "d"]]
    assert [column.name for column in graph.columns] == ["build", "test", "", "deploy"]
    assert len(graph.edges) == 4


def test_the_instances_of_a_job_are_one_box_that_opens_to_them():
    folded = drawn([row("lint"), *matrix()])
    [group] = [box for box in folded.boxes if box.turns]
    assert (group.name, group.end, group.look, group.unfolded) == ("build", "6", "failed", False)
    assert str(group.told) == "build, 6 jobs: 1 failed, 5 passed"
    assert group.path == "/pipelines/1?open=g3"
    opened = drawn([row("lint"), *matrix()], opened={"g3"})
    assert names(opened) == [["lint", "build", *(f"build {n}/6" for n in range(1, 7))]]
    [group] = [box for box in opened.boxes if box.turns]
    assert (group.path, group.unfolded) == ("/pipelines/1", True)


def test_lines_lead_to_the_box_of_a_group_once():
    graph = drawn([*matrix(), row("after", 1, ("build 1/6", "build 2/6"))], by_needs=True)
    assert len(graph.edges) == 1
    assert len(drawn([*matrix(), row("after", 1, ("build 1/6", "build 2/6"))], by_needs=True, opened={"g3"}).edges) == 2


def test_a_pipeline_below_stands_under_its_trigger_job():
    trigger = row("child", 1)
    change = Change(project=Project(path="bank/pay"), event=Event.PARENT)
    child = StoredPipeline(id=9, project=1, iid=4, uid="u", change=change, state=State.FAILED)
    inner = StoredJob(id=77, pipeline=9, name="inner", state=State.FAILED)
    rows = [trigger, row("next", 1)]
    below = {trigger.job.id: Below(child, (inner,))}
    graph = drawn(rows, below)
    assert names(graph) == [["child", "#4 pay", "next"]]
    box = next(box for box in graph.boxes if box.name == "#4 pay")
    assert (box.path, box.fold, box.look) == ("/pipelines/9", "/pipelines/1?open=p9", "failed")
    assert names(drawn(rows, below, opened={"p9"})) == [["child", "#4 pay", "inner", "next"]]


def test_of_very_many_those_that_went_wrong_are_shown_first():
    rows = [row(f"job {n}", n % 2, look="failed" if n == 499 else "success") for n in range(500)]
    graph = drawn(rows)
    assert len(graph.boxes) == MOST + 2
    assert "job 499" in [box.name for box in graph.boxes]
    assert [box.name for box in graph.boxes if box.turns] == ["190 more", "190 more"]
    assert len(drawn(rows, opened={"s0"}).boxes) == 250 + 60 + 1
    assert len(drawn(rows, opened={"all"}).boxes) == 500


def test_no_two_boxes_overlap():
    rows = [*matrix(), *(row(f"t{n}", 1, (f"build {n}/6",)) for n in range(1, 7)), row("d", 2, ("t1", "t6"))]
    for by_needs, opened in itertools.product((False, True), ((), ("g3",))):
        boxes = drawn(rows, by_needs=by_needs, opened=opened).boxes
        for one, other in itertools.combinations(boxes, 2):
            apart = (
                abs(one.y - other.y) >= HEIGHT + GAP_Y or one.x >= other.x + other.width or other.x >= one.x + one.width
            )
            assert apart, (one.name, other.name)
