"""One more fact is one file: whoever asks for it gets its answer, and a threshold is held against it."""

from __future__ import annotations

import pytest
from tests.facts.events import Records, ago
from tests.maturity.fact_maker import alone, outcome, words
from tests.shelf_parts import on_shelf

from plumbline.facts import definitions
from plumbline.judging import Signal, Threshold
from plumbline.model.assessment import Judgement
from plumbline.model.fact import Lack

NAME = "runs-that-succeeded"
PART = f'''
from plumbline.facts.catalog._help import split
from plumbline.facts.definition import Definition, share
from plumbline.kernel import t


def _answer(question):
    runs = [one for one in question.evidence.runs if question.inside(one.finished)]
    return share(question, *split((one.outcome == "success", one.cited[-1]) for one in runs))


PART = (
    Definition(name="{NAME}", how=t("Runs that succeeded, of all."), needs=("pipelinerun.finished",), answer=_answer),
)
'''


@pytest.fixture
def added(tmp_path):
    with on_shelf("plumbline.facts.catalog", "runs", PART, tmp_path / "more", definitions):
        yield


@pytest.fixture
def records():
    made = Records()
    for number, result in enumerate(["success"] * 4 + ["failure"]):
        made.run(f"r{number}", ago(2, number + 1), ago(2, number), result)
    return made


def test_without_the_file_nobody_can_tell(records):
    assert records.fact(NAME).lack is Lack.NOT_SUPPORTED


@pytest.mark.usefixtures("added")
def test_one_file_answers_from_the_events_it_names(records):
    found = records.fact(NAME)
    assert (found.numerator, found.denominator, len(found.cited)) == (4.0, 5.0, 5)
    assert Records().fact(NAME).lack is Lack.NO_SOURCE


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(("limit", "expected"), [(80, Judgement.MET), (81, Judgement.NOT_MET)])
def test_a_pack_may_ask_for_it_at_once(records, limit, expected):
    at = Threshold(op=">=", value=limit, unit="%", window_days=90)
    signal = Signal(probe="share", fact=NAME, title=words(), at=at)
    assert outcome(alone(signal), {signal.key: records.fact(NAME)}) is expected
