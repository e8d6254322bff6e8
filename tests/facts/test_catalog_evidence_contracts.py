"""What was due and what came, and what gates said within each project, against answers worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from tests.facts.events import Records, ago, commit, digest, sha

from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import cdevents_core, own_gates
from plumbline.evidence.vocabulary import facts as about
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.model.fact import Lack

CONTRACT = digest("contract")


@pytest.fixture
def records() -> Records:
    return Records()


def slot(state: Any, name: str = "s", word: str = "", sources: tuple[str, ...] = ()) -> own_gates.ClosedSlot:
    more: dict[str, Any] = {"word": word} if word else {}
    more |= {"sources": sources} if sources else {}
    return own_gates.ClosedSlot(id=name, state=state, contract="c", **more)


def close(records: Records, name: str, time: int, *slots: own_gates.ClosedSlot, run: str = "") -> None:
    more: dict[str, Any] = {"run": run} if run else {}
    content = own_gates.CollectionClosed(occasion="pipeline", contract=CONTRACT, ending="finished", slots=slots, **more)
    records.tell(content, name, time)


def test_completeness_counts_all_that_was_due(records: Records) -> None:
    assert records.fact("evidence-completeness").lack is Lack.NO_SOURCE
    close(records, "c1", ago(5), slot("filled"), slot("missing"), slot("not_applicable"), slot("waived"))
    close(records, "c2", ago(4), slot("filled"), slot("filled_late"), slot("refused_origin"), slot("filled"))
    close(records, "c3", ago(100), slot("missing"))
    found = records.fact("evidence-completeness")
    assert (found.numerator, found.denominator) == (3, 7)
    assert found.excluded == {
        "missing": 1, "not_applicable": 1, "waived": 1, "filled_late": 1, "refused_origin": 1,
    }  # fmt: skip
    assert found.events == 2


def test_completeness_where_nothing_applied_is_no_data(records: Records) -> None:
    close(records, "c1", ago(5), slot("not_applicable"))
    found = records.fact("evidence-completeness")
    assert (found.lack, found.excluded) == (Lack.TOO_FEW, {"not_applicable": 1})


def test_silence_is_counted_in_a_row_up_to_now(records: Records) -> None:
    close(records, "c1", ago(9), slot("missing", sources=("sonar", "zap")))
    close(records, "c2", ago(8), slot("filled", sources=("sonar",)), slot("missing", sources=("zap",)))
    close(records, "c3", ago(7), slot("missing", sources=("sonar",)), slot("waived", sources=("zap",)))
    close(records, "c4", ago(6), slot("unreadable", sources=("zap",)))
    assert records.fact("evidence-silence@sonar").value == 1
    zap = records.fact("evidence-silence@zap")
    assert (zap.value, zap.events) == (0, 1)  # a zero rests on what was looked at
    assert records.fact("evidence-silence").value == 1
    assert records.fact("evidence-silence@nobody").lack is Lack.TOO_FEW
    close(records, "c5", ago(5), slot("missing", "a", sources=("sonar",)), slot("missing", "b", sources=("sonar",)))
    assert records.fact("evidence-silence").value == 3


def test_runs_without_a_contract_are_not_covered(records: Records) -> None:
    for name in ("r1", "r2", "r3"):
        records.run(name, ago(3), ago(2), project="app")
    records.run("open", ago(3), None, project="app")
    records.run("child", ago(3), ago(2), project="app", parent="r1", trigger="parent_pipeline")
    assert records.share("evidence-contract-coverage") == (0, 3)
    close(records, "c1", ago(2), slot("missing"), run="r1")
    opened = own_gates.CollectionOpened(
        occasion="pipeline", contract=CONTRACT, due=1, deadline=timestamp(ago(1)), run="r2"
    )
    records.tell(opened, "c2", ago(3))
    assert records.share("evidence-contract-coverage") == (2, 3)


def test_whose_word_fills_slots(records: Records) -> None:
    close(records, "c1", ago(2), slot("missing"))
    assert records.fact("evidence-own-word-share").lack is Lack.TOO_FEW
    close(
        records, "c2", ago(2), slot("filled", word="own"), slot("filled", word="source:sonar"),
        slot("filled_late", word="forge:gitlab"), slot("refused_origin", word="person:ann"),
    )  # fmt: skip
    assert records.share("evidence-own-word-share") == (1, 3)


def _merge(records: Records, name: str, project: str, head: str) -> None:
    content = about.MergeFacts(commits=(commit(head, ago(3)),), target="main", head=sha(head), project=project)
    source = f"/plumbline:forge:gitlab:{len(project)}"  # each project has its own
    records.tell(cdevents_core.ChangeMerged(), name, ago(2), content, source=source, project=project)


def _gate(records: Records, name: str, project: str, verdict: Any, **more: Any) -> str:
    content = own.GateEvaluated(verdict=verdict, rules=digest("rules"), rests_on=("e0",), **more)
    return records.tell(content, name, ago(2.5), project=project)


def test_a_verdict_counts_within_its_own_project(records: Records) -> None:
    """The same number of a merge request is another one in another project."""
    _merge(records, "1", "bank/pay", "a")
    _merge(records, "1", "bank/loan", "b")
    _gate(records, "1", "bank/pay", "pass")
    assert records.share("merges-to-trunk-with-a-gate-verdict") == (1, 2)
    assert records.share("merges-to-trunk-with-a-passed-gate") == (1, 2)


def test_a_verdict_belongs_to_a_revision(records: Records) -> None:
    _merge(records, "1", "bank/pay", "a")
    _gate(records, "uid-1", "bank/pay", "pass", commit=sha("older"), change="1", policy="red")
    assert records.share("merges-to-trunk-with-a-gate-verdict") == (0, 1)
    _gate(records, "uid-2", "bank/pay", "pass", commit=sha("a"), change="1", policy="red")
    assert records.share("merges-to-trunk-with-a-passed-gate") == (1, 1)


def test_every_policy_has_to_pass(records: Records) -> None:
    _merge(records, "1", "bank/pay", "a")
    for policy, verdict in (("red", "pass"), ("licences", "fail")):
        _gate(records, policy, "bank/pay", verdict, commit=sha("a"), policy=policy)
    assert records.share("merges-to-trunk-with-a-gate-verdict") == (1, 1)
    assert records.share("merges-to-trunk-with-a-passed-gate") == (0, 1)
    _gate(records, "again", "bank/pay", "noData", commit=sha("a"), policy="licences")
    assert records.share("merges-to-trunk-with-a-passed-gate") == (0, 1)
    _gate(records, "at last", "bank/pay", "pass", commit=sha("a"), policy="licences")
    assert records.share("merges-to-trunk-with-a-passed-gate") == (1, 1)


def test_what_was_waived_is_no_pass_and_is_counted_once(records: Records) -> None:
    _merge(records, "1", "bank/pay", "a")
    named = _gate(records, "uid", "bank/pay", "pass", commit=sha("a"), waived=True)
    _gate(records, "uid-2", "bank/loan", "pass", commit=sha("b"))
    records.tell(own.GateWaived(person="ann", reason="r", evaluation=named), "w", ago(2.5))
    assert records.share("merges-to-trunk-with-a-passed-gate") == (0, 1)
    assert records.share("gate-evaluations-waived") == (1, 2)
    assert records.share("gate-evaluations-waived-or-switched-off") == (1, 2)
    for kind in ("policy", "contract"):
        retired = own_gates.RuleSetRetired(kind=kind, name="red", version=2, digest=CONTRACT, person="ann")  # type: ignore[arg-type]
        records.tell(retired, f"{kind}/red", ago(2))
    assert records.share("gate-evaluations-waived-or-switched-off") == (2, 3)


def test_a_waiver_that_still_counted_after_its_end(records: Records) -> None:
    name = "waivers-open-past-expiry"
    _gate(records, "uid", "bank/pay", "pass", commit=sha("a"))
    assert records.fact(name, None).lack is Lack.NO_SOURCE
    for waiver, until in (("w1", ago(1)), ("w2", ago(2.6))):
        decided = own_gates.WaiverDecided(rule_set="red", line="coverage", decision="agreed", asked_by="ann",
                                          person="bob", until=timestamp(until))  # fmt: skip
        records.tell(decided, waiver, ago(9))
    found = records.fact(name, None)
    assert (found.value, found.events) == (0, 2)
    checks = tuple(own.GateCheck(id=one, outcome="waived", waiver=one) for one in ("w1", "w2"))
    _gate(records, "uid-2", "bank/pay", "pass", commit=sha("a"), checks=checks, waived=True)
    assert records.fact(name, None).value == 1
    assert records.fact("waivers-past-expiry", None).value == 1
