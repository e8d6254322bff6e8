"""Levels: the lowest decides, what is unknown blocks, and nothing that is missing ever counts as done."""

from __future__ import annotations

from hashlib import sha256

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.maturity.fact_maker import END, SCOPE, bad, good, meeting, none, outcome, pack
from tests.maturity.small_pack import facts, graded, item, small

from plumbline.judging import Defaults, Signal, Threshold
from plumbline.kernel.text import in_language
from plumbline.maturity import PackFile, canonical, digest_of, grade, judge, revive, what_if
from plumbline.maturity.grading import _ADDED_LATER
from plumbline.maturity.pack import Criterion
from plumbline.model.assessment import Judgement
from plumbline.model.fact import Cited, Exemption, Fact, Lack, Origin
from plumbline.model.words import Words

BRONZE = ("ci-b1", "ci-b2")
SILVER = (*BRONZE, "ci-s1", "ci-s2")
ALL = (*SILVER, "ci-g1", "alarm-b1", "alarm-g1")
ORDER = ["bronze", "silver", "gold"]
MISSING = tuple(Lack)


def signal_of(id_, pack=None):
    return (pack or small()).criteria[id_][2].signals[0]


def rank(level):
    return ORDER.index(level) + 1 if level else 0


def waiver(rule, **changes):
    made = Exemption(rule=rule, reason="migration until June", person="wang.li")
    return msgspec.structs.replace(made, **changes)


def not_applicable(rule, **changes):
    return waiver(rule, **{"applies": False, "second": "chen.yu", "until": END + 1} | changes)


# of one item
@pytest.mark.parametrize(
    ("met", "level", "label", "ceiling"),
    [
        ((), "", "", "gold"),
        (("ci-b1",), "", "bronze-", "gold"),
        (BRONZE, "bronze", "bronze", "gold"),
        ((*BRONZE, "ci-s1"), "bronze", "silver-", "gold"),
        (("ci-b1", "ci-s1"), "bronze", "silver-", "gold"),  # the higher one replaces ci-b2
        ((*BRONZE, "ci-g1"), "bronze", "bronze", "gold"),  # a level that is skipped does not count
        (SILVER, "silver", "silver", "gold"),
        (ALL, "gold", "gold", "gold"),
    ],
)
def test_an_item_has_the_highest_level_whose_demands_and_all_below_hold(met, level, label, ceiling):
    found = item(graded(*met), "ci")
    assert (found.level, found.label, found.ceiling) == (level, label, ceiling)


def test_what_is_not_met_bounds_the_ceiling_and_what_is_unknown_does_not():
    slow = {"build_time": bad(signal_of("ci-s2"))}
    found = item(graded(*BRONZE, "ci-s1", **slow), "ci")
    assert (found.level, found.label, found.ceiling) == ("bronze", "silver-", "bronze")
    found = item(graded(*BRONZE, "ci-s1"), "ci")
    assert (found.level, found.ceiling) == ("bronze", "gold")


def test_the_ceiling_knows_that_what_is_unknown_would_replace_what_is_not_met():
    no_nights = {"nightly": bad(signal_of("ci-b2"))}
    found = item(graded("ci-b1", **no_nights), "ci")
    assert (found.level, found.ceiling) == ("", "gold")
    found = item(graded("ci-b1", **no_nights, **{"pushes_built/90": bad(signal_of("ci-s1"))}), "ci")
    assert (found.level, found.ceiling) == ("", "")


def test_a_demand_that_a_met_higher_one_replaces_is_not_required():
    verdicts = {one.criterion: one for one in item(graded("ci-b1", "ci-s1"), "ci").verdicts}
    assert (verdicts["ci-b2"].required, verdicts["ci-b2"].outgrown_by) == (False, "ci-s1")
    verdicts = {one.criterion: one for one in item(graded("ci-b1"), "ci").verdicts}
    assert (verdicts["ci-b2"].required, verdicts["ci-b2"].outgrown_by) == (True, "")


def test_an_empty_level_is_as_the_one_below_where_it_says_so():
    assert item(graded("alarm-b1"), "alarm").level == "silver"
    assert item(graded("alarm-b1", "alarm-g1"), "alarm").level == "gold"
    assert item(graded("alarm-g1"), "alarm").level == ""


def test_a_level_that_demands_nothing_and_inherits_nothing_is_nobodys_level():
    plain = msgspec.to_builtins(small().pack)
    plain["groups"][1]["groups"][0]["items"][0].pop("inherits")
    silent = PackFile(msgspec.convert(plain, type(small().pack)))
    made = graded("alarm-b1", pack=silent)
    assert item(made, "alarm").level == "bronze"
    assert [(one.now, one.level) for one in made.roadmap if one.item == "alarm"] == [("bronze", "gold")]
    assert what_if(made.groups[1].every_item(), ORDER, ()) == "bronze"
    assert what_if(made.groups[1].every_item(), ORDER, {"alarm-g1"}) == "gold"


def test_signs_never_block_and_never_lift():
    for broken in (good(signal_of("ci-b0")), bad(signal_of("ci-b0")), none(signal_of("ci-b0"))):
        assert item(graded(*SILVER, broken=broken), "ci").level == "silver"
    assert item(graded("ci-b0"), "ci").label == ""


# of groups and of all
def test_the_lowest_item_decides():
    made = graded(*SILVER, "alarm-b1", "alarm-g1")
    assert [(one.id, one.level, one.decided_by) for one in made.groups] == [
        ("build", "silver", ("ci",)),
        ("run", "gold", ("alarm",)),
    ]
    assert (made.level, made.ceiling) == ("silver", "gold")
    assert [one.mean for one in made.groups] == [2.0, 3.0]
    assert made.groups[1].groups[0].level == "gold"


def test_nothing_known_proves_nothing_and_denies_nothing():
    made = graded()
    assert (made.level, made.ceiling) == ("", "gold")
    assert {one.outcome for one in item(made, "ci").verdicts} == {Judgement.UNKNOWN}


def test_a_group_in_which_nothing_applies_decides_nothing():
    made = graded(*SILVER, exempt=[not_applicable("alarm")])
    run = made.groups[1]
    assert (run.level, run.ceiling, run.mean, run.decided_by) == ("", "", None, ())
    assert made.level == "silver"
    assert item(made, "alarm").reason == "migration until June"
    assert not [one for one in made.roadmap if one.item == "alarm"]
    nothing = graded(exempt=[not_applicable("alarm"), not_applicable("ci")], pack=small(most_off="1.0"))
    assert (nothing.level, nothing.ceiling, nothing.roadmap) == ("", "", ())


# exemptions
def test_a_waiver_counts_only_where_the_pack_says_so():
    given = [waiver("ci-s2")]
    strict = item(graded(*BRONZE, "ci-s1", exempt=given), "ci")
    assert (strict.level, strict.ceiling) == ("bronze", "bronze")
    made = graded(*BRONZE, "ci-s1", exempt=given, pack=small(waived_counts=True))
    assert item(made, "ci").level == "silver"
    assert "ci-s2" not in [id_ for step in made.roadmap for id_ in step.criteria]
    assert what_if(made.groups[0].every_item(), ORDER, ()) == "silver"
    verdict = next(one for one in item(made, "ci").verdicts if one.criterion == "ci-s2")
    assert (verdict.outcome, verdict.required) == (Judgement.WAIVED, False)
    assert verdict.reason == "migration until June (wang.li)"


def test_what_is_met_anyway_needs_no_waiver():
    verdict = next(
        one for one in item(graded(*SILVER, exempt=[waiver("ci-s2")]), "ci").verdicts if one.criterion == "ci-s2"
    )
    assert (verdict.outcome, verdict.reason) == (Judgement.MET, "")


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        (not_applicable("ci-s2"), True),
        (not_applicable("ci-s2", until=None), False),  # no end
        (not_applicable("ci-s2", until=END), False),  # expired
        (waiver("ci-s2", applies=False), False),  # nobody agreed
        (waiver("ci-s2", applies=False, second="wang.li"), False),  # agreed with oneself
        (not_applicable("ci-s2", person=""), False),
        (not_applicable("ci-s2", reason="  "), False),
    ],
)
def test_that_something_does_not_apply_takes_a_reason_a_second_person_and_being_in_force(given, counts):
    found = item(graded(*BRONZE, "ci-s1", exempt=[given]), "ci")
    assert found.level == ("silver" if counts else "bronze")


def test_a_fact_of_the_wrong_form_is_an_error_and_blocks():
    found = item(graded(*BRONZE, "ci-s1", build_time=Fact(name="build-time", value=60.0)), "ci")
    assert [one.outcome for one in found.verdicts if one.criterion == "ci-s2"] == [Judgement.ERROR]
    assert (found.level, found.ceiling) == ("bronze", "bronze")


def test_a_reported_figure_stands_in_the_unit_of_the_threshold():
    for minutes, expected in ((10.0, "met"), (10.5, "not_met")):
        told = Fact(name="build-time", value=minutes, origin=Origin.REPORTED)
        found = item(graded(*SILVER, build_time=told), "ci")
        assert [one.outcome.value for one in found.verdicts if one.criterion == "ci-s2"] == [expected]


def test_an_absent_fact_is_unknown_never_met():
    made = grade(small(), {}, (), SCOPE)
    assert {one.outcome for found in made.every_item() for one in found.verdicts} == {Judgement.UNKNOWN}


@pytest.mark.parametrize(
    ("probe", "unit", "measured", "fact"),
    [
        ("median", "s", 492.5, {"values": (670.0, 315.0)}),
        ("median", "min", 2.0, {"values": (60.0, 120.0, 9000.0)}),
        ("percentile_90", "s", 91.0, {"values": tuple(float(one) for one in range(1, 102))}),
        ("percentile_95", "s", 96.0, {"values": tuple(float(one) for one in range(1, 102))}),
        ("share", "%", 100 / 3, {"numerator": 2.0, "denominator": 6.0}),
        ("rate", "/week", 2.5, {"numerator": 10.0, "denominator": 4.0}),
        ("duration", "d", 1.5, {"value": 129_600.0}),
        ("count", "count", 0.0, {"value": 0.0}),
        ("change", "%", -12.5, {"value": -12.5}),
    ],
)
def test_each_probe_measures_in_the_unit_of_the_threshold(probe, unit, measured, fact):
    at = Threshold(op=">=", value=0, unit=unit)
    signal = Signal(probe=probe, fact="x", title=Words(en="x", zh="某"), at=at)
    criterion = Criterion(
        id="c", text=signal.title, kind="demand", evidence="automatic", remedy=signal.title, effort="low",
        signals=(signal,),
    )  # fmt: skip
    verdict = judge(criterion, {"x": Fact(name="x", **fact)}, Defaults(min_sample=1), None)
    assert verdict.findings[0].measured == pytest.approx(measured)


# what holds always
outcomes = st.sampled_from(["good", "bad", *MISSING])


def answers(pack, draw):
    found = {}
    for (_, _, criterion), what in zip(pack.criteria.values(), draw, strict=True):
        for signal in criterion.signals:
            make = {"good": good, "bad": bad}.get(what)
            found[signal.key] = make(signal) if make else none(signal, what)
    return found


draws = st.lists(outcomes, min_size=len(small().criteria), max_size=len(small().criteria))
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def by_id(made):
    return {one.criterion: one for found in made.every_item() for one in found.verdicts}


@quick
@given(draws, st.data())
def test_losing_an_answer_never_lifts_anything(draw, data):
    """Signs that ask for no statement (`no_statement`) are no exception here: where nothing at all is on file there is
    no answer, so even they are unknown. They say so only where something is on file that does not count."""
    found = answers(small(), draw)
    before = grade(small(), found, (), SCOPE)
    key = data.draw(st.sampled_from(sorted(found)))
    lost = found | {key: Fact(name=key.split("/")[0], lack=data.draw(st.sampled_from(MISSING)))}
    after = grade(small(), lost, (), SCOPE)
    assert rank(after.level) <= rank(before.level)
    for mine, other in zip(before.every_item(), after.every_item(), strict=True):
        assert rank(other.level) <= rank(mine.level)
    earlier = by_id(before)
    for id_, verdict in by_id(after).items():
        assert verdict.outcome is not Judgement.MET or earlier[id_].outcome is Judgement.MET
        if key in [one.key for one in small().criteria[id_][2].signals[:1]]:
            assert verdict.outcome is Judgement.UNKNOWN


@quick
@given(draws, st.data())
def test_an_answer_changes_only_the_items_that_ask_for_it(draw, data):
    found = answers(small(), draw)
    key = data.draw(st.sampled_from(sorted(found)))
    asking = {mine.id for mine, _, one in small().criteria.values() if key in [other.key for other in one.signals]}
    signal = next(one for one in small().signals if one.key == key)
    for other in (good(signal), bad(signal), none(signal)):
        for one, two in zip(
            grade(small(), found, (), SCOPE).every_item(),
            grade(small(), found | {key: other}, (), SCOPE).every_item(),
            strict=True,
        ):
            assert one.id in asking or one == two


@quick
@given(draws)
def test_the_truth_lies_between_level_and_ceiling(draw):
    """The ceiling is what is reached if all that is unknown turns out well; the level, if all of it turns out badly."""
    made = grade(small(), answers(small(), draw), (), SCOPE)
    best = grade(small(), answers(small(), ["good" if one in MISSING else one for one in draw]), (), SCOPE)
    worst = grade(small(), answers(small(), ["bad" if one in MISSING else one for one in draw]), (), SCOPE)
    assert (made.ceiling, made.level) == (best.level, worst.level)
    for one, high, low in zip(made.every_item(), best.every_item(), worst.every_item(), strict=True):
        assert (one.ceiling, one.level) == (high.level, low.level)


@quick
@given(draws)
def test_the_roadmap_leads_to_the_top_and_what_if_tells_the_truth(draw):
    found = answers(small(), draw)
    made = grade(small(), found, (), SCOPE)
    held, levels = set(), {one.id: one.level for one in made.every_item()}
    for step in made.roadmap:
        assert levels[step.item] == step.now
        assert rank(step.now) < rank(step.level)
        assert rank(step.now) == min(rank(one) for one in levels.values() if one != "gold")
        before = {group.id: what_if(group.every_item(), ORDER, held) for group in made.groups}
        held |= set(step.criteria)
        levels[step.item] = step.level
        after = {group.id: what_if(group.every_item(), ORDER, held) for group in made.groups}
        assert step.lifts == tuple(id_ for id_ in after if after[id_] != before[id_])
        truly = grade(small(), found | meeting(small().criteria[id_][2] for id_ in held), (), SCOPE)
        assert {one.id: one.level for one in truly.every_item()} == levels
        assert truly.level == what_if(made.every_item(), ORDER, held)
    assert set(levels.values()) == {"gold"}
    assert len({id_ for step in made.roadmap for id_ in step.criteria}) == sum(
        len(one.criteria) for one in made.roadmap
    )


def test_the_roadmap_of_the_shipped_pack_leads_to_the_top():
    shipped = pack("continuous-delivery")
    made = grade(shipped, {}, (), SCOPE)
    held = [id_ for step in made.roadmap for id_ in step.criteria]
    order = [level.id for level in shipped.pack.levels]
    assert what_if(made.every_item(), order, held) == "5"
    begun = [order.index(step.now) for step in made.roadmap]
    assert begun == sorted(begun)
    assert all(step.criteria for step in made.roadmap)
    half = made.roadmap[: len(made.roadmap) // 2]
    done = [id_ for step in half for id_ in step.criteria]
    truly = grade(shipped, meeting(shipped.criteria[id_][2] for id_ in done), (), SCOPE)
    assert truly.level == what_if(made.every_item(), order, done)


# what can be shown here
@pytest.mark.parametrize(
    ("id_", "lack", "unheard", "showable", "needs"),
    [
        ("ci-s2", Lack.TOO_FEW, {}, "gold", ("practice",)),
        ("ci-s2", Lack.STALE, {}, "gold", ("practice",)),
        ("ci-s2", Lack.UNDECIDED, {}, "gold", ("practice",)),
        ("ci-s2", Lack.NO_SOURCE, {}, "gold", ("practice",)),
        ("ci-s2", Lack.NO_SOURCE, {"build-time": (("taskrun.finished",),)}, "bronze", ("source",)),
        ("ci-s2", Lack.NOT_SUPPORTED, {}, "bronze", ()),
        ("ci-g1", Lack.NO_SOURCE, {}, "gold", ("statement",)),
        ("ci-g1", Lack.NO_SOURCE, {"statement-build-rules": (("statement.attested",),)}, "silver", ("statement",)),
        ("ci-b2", Lack.NOT_SUPPORTED, {}, "gold", ()),  # a higher one that is met replaces it
    ],
)
def test_what_could_be_shown_here_rests_on_why_nothing_is_known(id_, lack, unheard, showable, needs):
    found = facts(*(one for one in ALL if one != id_))
    signal = signal_of(id_)
    made = grade(small(), found | {signal.key: none(signal, lack)}, (), SCOPE, (), unheard)
    one = item(made, "ci")
    assert (one.showable, one.ceiling) == (showable, "gold")
    assert made.showable == min(showable, "gold", key=rank) == made.groups[0].showable
    assert tuple(need.kind.value for step in made.roadmap for need in step.needs) == needs
    blocked = (id_,) if not needs and showable != "gold" else ()
    assert made.unrecognised == blocked
    assert {kinds for step in made.roadmap for need in step.needs for kinds in need.kinds} == {
        one for groups in unheard.values() for one in groups
    }


def test_no_step_leads_over_what_this_version_cannot_see():
    """What is not met now, and what is above it, is no help where a part of it could never be recognised."""
    found = facts(*BRONZE, "alarm-b1")
    found[signal_of("ci-s1").key] = bad(signal_of("ci-s1"))
    found[signal_of("ci-s2").key] = none(signal_of("ci-s2"), Lack.NOT_SUPPORTED)
    made = grade(small(), found, (), SCOPE, (), {})
    assert [step.item for step in made.roadmap] == ["alarm"]
    assert made.unrecognised == ("ci-s2",)
    assert len(grade(small(), found, (), SCOPE).roadmap) > 1


@quick
@given(draws)
def test_what_could_be_shown_lies_between_what_is_proven_and_the_ceiling(draw):
    made = grade(small(), answers(small(), draw), (), SCOPE, (), {})
    for one in (made, *made.groups, *made.every_item()):
        assert rank(one.level) <= rank(one.showable) <= rank(one.ceiling)
    unseen = answers(small(), [Lack.NOT_SUPPORTED if one in MISSING else one for one in draw])
    made = grade(small(), unseen, (), SCOPE, (), {})
    assert [one.showable for one in made.every_item()] == [one.level for one in made.every_item()]


# digests
def test_equal_input_has_an_equal_digest_in_every_language_and_order():
    one = graded(*SILVER, "alarm-b1")
    found = facts(*SILVER, "alarm-b1")
    with in_language("zh"):
        other = grade(PackFile(revive(canonical(small().pack))), dict(reversed(found.items())), (), SCOPE)
    assert one == other
    assert one.digest == other.digest == digest_of(one)
    signed = msgspec.structs.replace(one, scope=msgspec.structs.replace(SCOPE, checkpoint="note"))
    assert digest_of(signed) == one.digest


def slow_digest(assessment):
    """As digests were first made, one piece after the other."""
    bare = msgspec.structs.replace(
        assessment, digest="", scope=msgspec.structs.replace(assessment.scope, checkpoint="")
    )

    def kept(value):
        if isinstance(value, dict):
            return {name: kept(one) for name, one in value.items() if one or name not in _ADDED_LATER}
        return [kept(one) for one in value] if isinstance(value, list) else value

    plain = kept(msgspec.to_builtins(bare, builtin_types=()))
    return f"sha256:{sha256(msgspec.json.encode(plain, order='deterministic')).hexdigest()}"


@quick
@given(draws)
def test_a_digest_is_what_the_slow_way_gives(draw):
    for unheard in (None, {}):
        made = grade(small(), answers(small(), draw), (), SCOPE, [Cited("a", "b")], unheard)
        assert made.digest == slow_digest(made)
    shipped = pack("continuous-delivery")
    assert canonical(shipped.pack) == msgspec.json.encode(
        msgspec.to_builtins(shipped.pack, builtin_types=()), order="deterministic"
    )


def test_one_other_number_is_another_digest():
    found = facts(*SILVER)
    digest = grade(small(), found, (), SCOPE).digest
    key = signal_of("ci-s1").key
    more = msgspec.structs.replace(found[key], numerator=found[key].numerator + 1)
    later = msgspec.structs.replace(SCOPE, end=END + 1)
    assert outcome(small().criteria["ci-s1"][2], {key: more}) is Judgement.MET
    others = [
        grade(small(), found | {key: more}, (), SCOPE),
        grade(small(), found, (), later),
        grade(small(), found, [waiver("ci-g1")], SCOPE),
        grade(small(), found | {"alarms": none(signal_of("alarm-b1"), Lack.STALE)}, (), SCOPE),
        grade(small(waived_counts=True), found, (), SCOPE),
    ]
    assert len({digest, *(one.digest for one in others)}) == 6
