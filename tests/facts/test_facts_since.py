"""A window begins with its source: of the days before, nobody can tell."""

from __future__ import annotations

import pytest
from tests.facts.events import NOW, Records, ago, commit

from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_platform as platform
from plumbline.facts import Asked, Evidence, answer
from plumbline.model.fact import Fact, Lack
from plumbline.trace import read_seen

SCHEDULED = "working-days-with-a-scheduled-build-of-the-trunk"


def evidence_of(records: Records) -> Evidence:
    return Evidence((seen for body in records.bodies if (seen := read_seen(body))), NOW)


def fact(records: Records, name: str, days: int = 90) -> Fact:
    (found,) = answer([Asked(name, days)], evidence_of(records)).values()
    return found


def watched(days: float, runs: int = 1) -> Records:
    """A server that is so old, of a repository that is far older; each run was begun by a schedule."""
    records = Records()
    records.repository()
    records.commits(commit("old", ago(400)), time=ago(400))
    records.tell(platform.IdentityLinked(person="ann", by="admin", email="a@b.example"), "a@b.example", ago(days))
    for number in range(runs):
        records.run(f"run{number}", ago(number + 0.5), ago(number + 0.4), trigger="schedule")
    return records


@pytest.mark.parametrize("days", [0.01, 1, 27])
def test_what_was_watched_for_too_few_days_is_no_answer(days: float) -> None:
    found = fact(watched(days), SCHEDULED)
    assert found.lack is Lack.TOO_FEW
    assert (found.observed_days, found.asked_days) == (int(days), 90)


def test_only_the_days_that_were_watched_count() -> None:
    found = fact(watched(42, runs=7), SCHEDULED)
    assert found.lack is None
    assert (found.observed_days, found.asked_days) == (42, 90)
    assert (found.numerator, found.denominator) == (5, 30)


def test_where_it_was_watched_all_the_time_nothing_is_said_of_it() -> None:
    found = fact(watched(300), SCHEDULED)
    assert (found.observed_days, found.asked_days) == (0, 0)
    assert found.denominator == 64


def test_what_a_repository_shows_reaches_back_beyond_the_server() -> None:
    records = watched(1)
    records.merge("1", ago(80), commit("a", ago(81)), opened=timestamp(ago(81)))
    assert fact(records, "time-from-merge-request-opened-to-merged-median").asked_days == 0


def test_a_source_is_as_old_as_its_first_word_of_any_kind() -> None:
    records = watched(300)
    records.incident("one", ago(1))
    assert evidence_of(records).since("incident.detected") == ago(300)
    assert evidence_of(records).since("commit.observed") == ago(400)
    assert evidence_of(records).since("ticket.created") is None
