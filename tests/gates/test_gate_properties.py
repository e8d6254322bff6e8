"""What holds of every policy and all facts."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gates.policies import AT, DAY, PIPELINE, WORDS, built, standing, text

from plumbline.gates import GOES_ON, Standing, built_in, canonical, evaluate, evaluation, replayed
from plumbline.gates.checks._check import Takes
from plumbline.gates.policy import Check, Policy, Selector
from plumbline.gates.reading_checks import CEL
from plumbline.gates.standing import digest_of
from plumbline.model.contract import Subjects
from plumbline.model.gate import FactValue, GateAct, Outcome
from plumbline.model.words import Words

ENOUGH = ("tests.executed", "load.samples", "interface.declared", "interface.tested", "sbom.artifacts",
          "sbom.with_sbom", "provenance.artifacts", "provenance.with_provenance", "contract.due",
          "licences.components")  # fmt: skip
COUNTS = ("tests.failed", "tests.errors", "tests.quarantined", "findings.secrets", "findings.new.critical",
          "findings.new.high", "findings.new.medium", "findings.new.low", "findings.new.info", "findings.new.unknown",
          "interface.undeclared", "contract.open", "licences.unknown")  # fmt: skip
SHARES = ("coverage.changed", "load.errors_share", "load.p99_ms")
TEXTS = {
    "findings.scanned": ("sast", "secret", "dependency"),
    "change.authors": ("ada", "ben"),
    "change.reviewers": ("ada", "ben", "cleo"),
    "change.other_reviewers": ("ben", "cleo"),
    "licences.names": ("MIT", "GPL-2.0-only", "MIT OR GPL-2.0-only"),
    "contract.missing_ids": ("sast", "sbom"),
}
few = st.sampled_from((0, 0, 0, 0, 1, 2))
many = st.sampled_from((0, 1, 1000, 1000, 1000))
MISSING = FactValue(lack="no_source")


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[FactValue]:
    """Known, but for one in twelve."""
    return st.tuples(values, st.integers(0, 11)).map(lambda one: FactValue(value=one[0]) if one[1] else MISSING)


def some_of(words: tuple[str, ...]) -> st.SearchStrategy[object]:
    every = st.just(words)
    return st.one_of(every, st.lists(st.sampled_from(words), unique=True).map(tuple))


facts = st.fixed_dictionaries(
    {
        **{name: maybe(few) for name in COUNTS},
        **{name: maybe(many) for name in ENOUGH},
        **{name: maybe(st.sampled_from((0.0, 50.0, 100.0, 200.0))) for name in SHARES},
        **{name: maybe(some_of(words)) for name, words in TEXTS.items()},
        "contract.complete": maybe(st.sampled_from((True, True, False))),
        "pipeline.protected": maybe(st.sampled_from((True, True, False))),
    },
)
conditions = st.sampled_from((
    ("tests.failed == 0", ("tests.failed",)),
    ("tests.failed / tests.executed < 1", ("tests.failed", "tests.executed")),
    ("coverage.changed >= 80.0 || findings.secrets == 0", ("coverage.changed", "findings.secrets")),
    ('change.authors.all(one, one != "ben")', ("change.authors",)),
    ("true || tests.errors == 0", ("tests.errors",)),
))  # fmt: skip
dates = st.sampled_from(
    ("", "", "", "enforced_from: 2026-01-01", "enforced_from: 2027-01-01", "retired_by: 2026-02-01")
)
meant = st.sampled_from(("", "", "", "applies: pipeline.protected"))


@dataclass(frozen=True)
class Line:
    """A check as text, with a stricter form of the same."""

    text: str
    stricter: str


def _value(takes: Takes, number: float) -> str:
    if takes is Takes.FLAG:
        return "true" if number else "false"
    return str(int(number)) if takes is not Takes.NUMBER else str(float(number))


@st.composite
def lines(draw: st.DrawFn, number: int = 0) -> Line:
    more = ", ".join(one for one in (draw(dates), draw(meant)) if one)
    tail = f", {more}" if more else ""
    if draw(st.booleans()):
        when, needs = draw(conditions)
        wider = ", ".join((*needs, "tests.quarantined"))
        head = f"id: c{number}, {WORDS}"
        return Line(f"{{{head}, needs: [{', '.join(needs)}], when: '{when}'{tail}}}",
                    f"{{{head}, needs: [{wider}], when: '({when}) && tests.quarantined == 0'{tail}}}")  # fmt: skip
    name = draw(st.sampled_from(sorted(built_in())))
    loose, strict = _parameters(draw, name)
    return Line(built(f"c{number}", name, loose, more), built(f"c{number}", name, strict, more))


def _parameters(draw: st.DrawFn, name: str) -> tuple[str, str]:
    """Values of all parameters, and stricter ones."""
    loose, strict = {}, {}
    for one in built_in()[name].parameters:
        if one.takes in (Takes.WORD, Takes.WORDS):
            continue
        least = 1 if name == "reviewed-by-another" else 0
        top = 1 if one.takes is Takes.FLAG else 100
        low, high = sorted((draw(st.sampled_from((least, 1, top))), draw(st.sampled_from((least, 1, top)))))
        loose[one.name], strict[one.name] = (_value(one.takes, high if one.stricter < 0 else low),
                                             _value(one.takes, low if one.stricter < 0 else high))  # fmt: skip
        if one.stricter == 0:
            strict[one.name] = loose[one.name]
    words: dict[str, tuple[str, str]] = {}
    if name == "no-new-findings":
        words = {"kinds": ("[sast]", "[sast, secret]"), "severity": ("high", "low")}
    elif name == "licences":
        words = {"allow": ("[MIT, GPL-2.0-only]", "[MIT]"), "deny": ("[X]", "[X, GPL-2.0-only]")}
    for key, (one_way, stricter) in words.items():
        loose[key], strict[key] = one_way, stricter if draw(st.booleans()) else one_way
    return tuple("{" + ", ".join(f"{key}: {value}" for key, value in found.items()) + "}" for found in (loose, strict))  # type: ignore[return-value]


policies = st.integers(1, 4).flatmap(lambda count: st.tuples(*(lines(number) for number in range(count))))
waivers = st.sets(st.sampled_from(("c0", "c1", "c2", "c3"))).map(lambda ids: {("red-lines", one): "w" for one in ids})


def verdict(source, known, waived=None):
    return evaluate([standing(source)], known, at=AT, asked=PIPELINE, waived=waived or {})


@given(policies, facts, waivers)
@settings(max_examples=150, deadline=None)
def test_asking_for_more_never_turns_a_refusal_into_a_pass(found, known, waived):
    loose = text(*(one.text for one in found))
    strict = text(*(one.stricter for one in found))
    if verdict(strict, known).goes_on:
        assert verdict(loose, known).goes_on
    more = text(*(one.text for one in found), built("more", "no-secrets"))
    if verdict(more, known, waived).goes_on:
        decided = verdict(loose, known, waived)
        assert decided.goes_on or decided.reason in ("nothing-enforced", "nothing-applies")


@given(policies, facts, waivers)
@settings(max_examples=200, deadline=None)
def test_nothing_but_a_waiver_turns_a_refusal_into_passage(found, known, waived):
    source = text(*(one.text for one in found))
    without, with_ = verdict(source, known), verdict(source, known, waived)
    if with_.goes_on and not without.goes_on:
        assert with_.outcome is Outcome.WAIVED
        assert any(one.waiver for one in with_.judged[0].checks)
    for one in with_.judged[0].checks:
        assert one.outcome in (one.judged, Outcome.WAIVED)
        assert (one.outcome is Outcome.WAIVED) == bool(one.waiver)
        assert not one.waiver or ("red-lines", one.check) in waived
    passing = [one for one in with_.judged[0].checks if not one.advisory and one.applies]
    assert with_.goes_on == (bool(passing) and all(one.outcome in GOES_ON for one in passing))


@given(policies, facts, waivers, st.randoms())
@settings(max_examples=200, deadline=None)
def test_the_order_of_checks_and_policies_does_not_matter(found, known, waived, random):
    moved = list(found)
    random.shuffle(moved)
    one, other = text(*(line.text for line in found)), text(*(line.text for line in moved))
    first, second = verdict(one, known, waived), verdict(other, known, waived)
    assert (first.outcome, first.reason) == (second.outcome, second.reason)
    assert {check.check: check for check in first.judged[0].checks} == {
        check.check: check for check in second.judged[0].checks
    }
    halves = [standing(text(line.text), name=f"p{number}") for number, line in enumerate(found)]
    forth = evaluate(halves, known, at=AT, asked=PIPELINE)
    back = evaluate(halves[::-1], known, at=AT, asked=PIPELINE)
    assert forth.outcome is back.outcome


@given(policies, facts)
@settings(max_examples=200, deadline=None)
def test_a_check_whose_fact_is_missing_never_passes(found, known):
    for check in verdict(text(*(one.text for one in found)), known).judged[0].checks:
        missing = [name for name, value in check.needs.items() if value.lack or value.value is None]
        if missing:
            assert check.outcome is Outcome.NO_DATA
        if check.outcome is Outcome.PASS:
            assert not missing


@given(policies, facts, st.data())
@settings(max_examples=200, deadline=None)
def test_leaving_a_fact_out_never_helps(found, known, data):
    """Except where the fact says that a check is not meant here: without it, it is."""
    source = text(*(one.text for one in found))
    gone = data.draw(st.sampled_from(sorted(known)))
    if verdict(source, {name: value for name, value in known.items() if name != gone}).goes_on:
        assert verdict(source, known).goes_on


@given(policies, facts, waivers)
@settings(max_examples=100, deadline=None)
def test_done_again_it_is_the_same_bytes(found, known, waived):
    source = text(*(one.text for one in found))
    [judged] = verdict(source, known, waived).judged
    kept = evaluation(judged, project=1, path="bank/core", act=GateAct.PIPELINE,
                      subjects=Subjects(ref="refs/heads/main"), facts=known, at=AT,
                      wanted=standing(source).policy.wanted)  # fmt: skip
    assert canonical(replayed(kept, source)) == canonical(kept)


@given(facts, st.integers(-400, 400))
@settings(max_examples=100, deadline=None)
def test_a_policy_of_no_checks_never_passes(known, days):
    """None can be written; one that came about in another way is caught where it is judged."""
    title = Words(en="Title", zh="标题")
    checks: tuple[Check, ...] = ()
    empty = Policy(
        name="p", title=title, owner="q", selector=Selector(acts=(GateAct.PIPELINE,)), checks=checks, wanted=()
    )
    found = evaluate([Standing(policy=empty, name="p", version=1, digest=digest_of(""), node="")], known,
                     at=AT + days * DAY, asked=PIPELINE)  # fmt: skip
    assert (found.outcome, found.reason) == (Outcome.NO_DATA, "empty-policy")
    assert CEL == "cel/1"
