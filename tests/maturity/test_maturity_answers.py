"""What other tools report, what people state, and what was corrected."""

from __future__ import annotations

import json

import msgspec
import pytest
from tests.maturity.events import TOOL, attested, corrected, event, evidence, measured, reviewed
from tests.maturity.fact_maker import DAY, END, alone, outcome, words

from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_operations
from plumbline.facts import Asked, Evidence, answer, exemptions, statements
from plumbline.judging import Defaults, Signal, Threshold, find
from plumbline.model.assessment import Judgement
from plumbline.model.fact import Fact, Lack, Origin
from plumbline.trace import read_seen

NAME = "teams-that-sing"
TOPIC = "statement-rules"


def asked(*drafts, name=NAME, days=90, end=END):
    one = Asked(name, days)
    return answer([one], evidence(*drafts, end=end))[one.key]


def judged(fact, probe, unit, op, value, days=90):
    at = Threshold(op=op, value=value, unit=unit, window_days=days)
    signal = Signal(probe=probe, fact=NAME, title=words(), at=at)
    return outcome(alone(signal), {signal.key: fact})


def test_what_nobody_tells_and_nobody_can_compute_is_not_supported():
    assert asked().lack is Lack.NOT_SUPPORTED


def test_a_reported_value():
    found = asked(measured(NAME, 7.0))
    assert (found.value, found.lack, found.origin, found.reporter) == (7.0, None, Origin.REPORTED, TOOL)
    assert [(one.source, one.id) for one in found.cited] == [(TOOL, "m1")]


def test_a_reported_share_has_a_population():
    found = asked(measured(NAME, 80.0, unit="%", numerator=8.0, denominator=10.0))
    assert (found.numerator, found.denominator, found.value, found.size) == (8.0, 10.0, None, 10)
    assert judged(found, "share", "%", ">=", 80) is Judgement.MET
    few = asked(measured(NAME, 75.0, unit="%", numerator=3.0, denominator=4.0))
    assert judged(few, "share", "%", ">=", 70) is Judgement.UNKNOWN


def test_a_population_of_nobody_is_no_answer():
    found = asked(measured(NAME, 0.0, unit="%", numerator=0.0, denominator=0.0))
    assert found.lack is Lack.TOO_FEW
    assert judged(found, "share", "%", "<=", 5) is Judgement.UNKNOWN


def test_a_reported_zero_says_among_how_many_it_is_none():
    assert asked(measured(NAME, 0.0)).lack is Lack.TOO_FEW
    checked = asked(measured(NAME, 0.0, denominator=40.0))
    assert (checked.numerator, checked.denominator) == (0.0, 40.0)
    assert judged(checked, "count", "count", "=", 0) is Judgement.MET
    assert judged(asked(measured(NAME, 3.0, denominator=40.0)), "count", "count", "=", 0) is Judgement.NOT_MET
    assert judged(asked(measured(NAME, 3.0)), "count", "count", "=", 0) is Judgement.NOT_MET


def test_the_newest_report_counts_and_an_old_one_is_stale():
    old = measured(NAME, 1.0, "old", time=END - 91 * DAY)
    assert asked(old).lack is Lack.STALE
    assert asked(old).cited
    assert asked(measured(NAME, 2.0, "new"), old).value == 2.0
    assert asked(old, days=None).value == 1.0
    edge = measured(NAME, 3.0, time=END - 90 * DAY)
    assert asked(edge).value == 3.0
    late = measured(NAME, 4.0, time=END + 1)
    assert asked(late).lack is Lack.NOT_SUPPORTED


@pytest.mark.parametrize(
    ("unit", "value", "probe", "limit_unit", "limit", "expected"),
    [
        ("h", 24.0, "median", "d", 1, Judgement.MET),
        ("h", 25.0, "median", "d", 1, Judgement.NOT_MET),
        ("s", 86_400.0, "duration", "h", 24, Judgement.MET),
        ("d", 1.0, "duration", "h", 24, Judgement.MET),
        ("%", 1.0, "duration", "h", 24, Judgement.ERROR),
        ("h", 1.0, "share", "%", 24, Judgement.ERROR),
        ("%", 20.0, "share", "%", 24, Judgement.MET),
    ],
)
def test_a_reported_figure_is_read_in_its_own_unit(unit, value, probe, limit_unit, limit, expected):
    found = asked(measured(NAME, value, unit=unit))
    assert judged(found, probe, limit_unit, "<=", limit) is expected


@pytest.mark.parametrize("said", ["many", None, True, [1], {}, "7"])
def test_what_is_no_number_says_nothing(said):
    body = json.loads(measured(NAME, 7.0).body)
    body["subject"]["content"]["value"] = said
    one = Asked(NAME, 90)
    found = answer([one], Evidence([read_seen(json.dumps(body).encode())], END))[one.key]
    assert found.lack is Lack.TOO_FEW
    body["subject"]["content"] |= {"denominator": said, "numerator": said}
    assert answer([one], Evidence([read_seen(json.dumps(body).encode())], END))[one.key].lack is Lack.TOO_FEW


def test_a_corrected_event_is_gone_and_what_stands_instead_counts():
    wrong, right = measured(NAME, 100.0, "wrong"), measured(NAME, 40.0, "right", time=END - 2 * DAY)
    assert asked(wrong, right).value == 100.0
    assert asked(wrong, right, corrected(wrong)).value == 40.0
    assert asked(wrong, corrected(wrong)).lack is Lack.NOT_SUPPORTED
    other_source = msgspec.structs.replace(wrong, source="/elsewhere")
    assert asked(wrong, right, corrected(other_source)).value == 100.0
    later = corrected(wrong, time=END + 1)
    assert asked(wrong, right, later).value == 100.0


def test_bytes_that_are_no_event_are_passed_over():
    for body in (
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"context":{"id":"1","source":"s","type":"short"},"subject":{"id":"x"}}',
    ):
        assert read_seen(body) is None


# statements
def on_file(*drafts, end=END, days=365):
    one = Asked(TOPIC)
    return answer([one], evidence(*drafts, end=end), statement_days=days)[one.key]


def test_no_statement_is_no_answer():
    assert on_file().lack is Lack.NO_SOURCE


def test_a_statement_counts_once_a_second_person_accepted_it():
    assert on_file(attested(TOPIC)).value == 0
    assert on_file(attested(TOPIC), reviewed()).value == 1
    assert on_file(attested(TOPIC), reviewed(person="wang.li")).value == 0
    assert len(on_file(attested(TOPIC), reviewed()).cited) == 2


@pytest.mark.parametrize("decision", ["rejected", "withdrawn"])
def test_one_that_was_rejected_or_withdrawn_is_none(decision):
    assert on_file(attested(TOPIC), reviewed(decision=decision)).lack is Lack.NO_SOURCE
    accepted_first = [attested(TOPIC), reviewed(), reviewed(decision=decision, id_="later", time=END - 5)]
    assert on_file(*accepted_first).lack is Lack.NO_SOURCE


def test_an_expired_one_is_stale():
    until = timestamp(END - 10)
    assert on_file(attested(TOPIC, until=until), reviewed()).lack is Lack.STALE
    assert on_file(attested(TOPIC, until=until), reviewed(), end=END - 10).value == 1
    old = attested(TOPIC, time=END - 366 * DAY, until=timestamp(END + 400 * DAY))
    assert on_file(old, reviewed()).lack is Lack.STALE
    assert on_file(attested(TOPIC, time=END - 31 * DAY), reviewed(), days=30).lack is Lack.STALE


def test_a_new_one_does_not_push_an_accepted_one_aside_before_it_is_accepted_itself():
    old, new = attested(TOPIC, "s1", time=END - 40 * DAY), attested(TOPIC, "s2")
    assert on_file(old, reviewed("s1"), new).value == 1
    assert on_file(old, reviewed("s1"), new, reviewed("s2", "rejected")).value == 1
    found = statements(evidence(old, reviewed("s1"), new, reviewed("s2")))[TOPIC]
    assert (found.made, found.accepted) == (END - DAY, True)
    ended = attested(TOPIC, "s1", time=END - 40 * DAY, until=timestamp(END - 3 * DAY))
    assert on_file(ended, reviewed("s1"), new).value == 0


def test_exemptions_are_read_as_they_were_granted():
    waiver = own_operations.ExceptionGranted(rule="ci-s1", reason="why", person="wang.li")
    gone = own_operations.ExceptionGranted(
        rule="alarm", reason="none", person="wang.li", second="chen.yu", kind="notApplicable", until=timestamp(END + 1)
    )
    one, other = exemptions(evidence(event(waiver, "e1"), event(gone, "e2")))
    assert (one.rule, one.applies, one.second, one.until) == ("ci-s1", True, "", END - DAY + 365 * DAY)
    assert (other.rule, other.applies, other.second, other.until) == ("alarm", False, "chen.yu", END + 1)


# watched for a part of the time
@pytest.mark.parametrize(
    ("value", "op", "limit", "observed", "expected"),
    [
        (3, ">=", 4, 90, Judgement.UNKNOWN),
        (4, ">=", 4, 90, Judgement.MET),
        (3, ">=", 4, 0, Judgement.NOT_MET),  # all the time was watched
        (3, "=", 4, 90, Judgement.NOT_MET),  # of a known few
        (1, "=", 0, 90, Judgement.NOT_MET),
        (5, "<=", 4, 90, Judgement.NOT_MET),
    ],
)
def test_a_number_that_is_too_low_in_a_part_of_the_time_is_not_known(value, op, limit, observed, expected):
    asked_days = 365 if observed else 0
    fact = Fact(name=NAME, value=value, observed_days=observed, asked_days=asked_days)
    assert judged(fact, "count", "count", op, limit, days=365) is expected


def test_what_is_too_few_in_days_enough_is_not_too_soon():
    at = Threshold(op=">=", value=90, unit="%", window_days=90)
    signal = Signal(probe="share", fact=NAME, title=words(), at=at)
    for observed, soon in ((86, False), (12, True)):
        fact = Fact(name=NAME, lack=Lack.TOO_FEW, observed_days=observed, asked_days=90)
        assert find(signal, fact, Defaults()).too_soon is soon
