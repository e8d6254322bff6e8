"""Assessments over a real ledger: recorded, computed again, exported, and whatever was changed since is named."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace

import msgspec
import pytest
from tests.evidence.ledgers import KEY, OTHER
from tests.flow.assess_world import NOISE, PATH, SILVER, World, code_of, outcome_of
from tests.maturity.events import attested, corrected, event, evidence, measured, reviewed
from tests.maturity.fact_maker import DAY, END, SCOPE
from tests.maturity.small_pack import TEXT, item, small

from plumbline.evidence import read_event, write_event
from plumbline.evidence.vocabulary import own_operations, own_platform
from plumbline.flow.assessments import assess_ledger, exemptions, plans, statements
from plumbline.flow.assessments.account import sample, tellers
from plumbline.flow.assessments.assess import Selector, assess, assess_evidence, what_changed
from plumbline.flow.assessments.hearing import kinds_heard
from plumbline.flow.assessments.replay import _line, replay
from plumbline.flow.assessments.tools import scoped_events
from plumbline.flow.my_work import Kind, my_work
from plumbline.kernel import PlumblineError
from plumbline.maturity import PackFile, canonical, digest_of, read_pack
from plumbline.model.assessment import Judgement, StepPlan
from plumbline.model.server import Binding
from plumbline.model.source import Source, SourceKind
from plumbline.trace import read_seen

KEYS = [KEY.verifier]
STRICT = PackFile(read_pack(TEXT.replace("value: 90, unit: '%'", "value: 99, unit: '%'"), "lighthouse.yaml"))


def without(drafts, *ids):
    return [one for one in drafts if one.id not in ids]


@pytest.fixture
def make(tmp_path):
    made = []

    def making(*drafts):
        made.append(World(tmp_path / str(len(made)), drafts))
        return made[-1]

    yield making
    for world in made:
        world.store.close()


@pytest.fixture
def world(make):
    return make(*SILVER, *NOISE)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A bundle of a silver assessment, and the record it is of."""
    world = World(tmp_path_factory.mktemp("exported"), (*SILVER, *NOISE, attested("statement-build-rules"), reviewed()))
    _, record = world.assess()
    world.append(measured("builds", 0.0, "later"))
    bundle = world.bundle(record)
    world.store.close()
    return bundle, record


# recorded
def test_an_assessment_leaves_an_event_that_says_all_it_takes_to_compute_it_again(world):
    size = world.store.ledger.size()
    made, record = world.assess()
    assert (made.level, made.ceiling) == ("silver", "gold")
    entry = world.store.ledger.find("urn:plumbline:here", "new-1")
    said = read_event(entry.body)
    assert (entry.seq, record.seq, world.store.ledger.size()) == (size + 1, size + 1, size + 1)
    assert said.content == {
        "standard": "lighthouse", "version": "1", "pack": small().digest, "asOf": size, "result": made.digest,
        "grade": "silver", "ceiling": "gold", "person": "wang.li", "end": "2026-09-21T14:13:20.000000Z",
        "showable": "silver", "heard": list(kinds_heard(world.tools, PATH)),
    }  # fmt: skip
    assert (record.path, record.as_of, record.end, record.result) == (PATH, size, END, made.digest)
    assert "\n" in made.scope.checkpoint
    assert assess_ledger.records(world.tools, PATH) == assess_ledger.records(world.tools, "acme") == (record,)
    assert assess_ledger.records(world.tools, "acme/sho") == ()


def test_looking_leaves_nothing(world):
    size = world.store.ledger.size()
    made = assess_ledger.grade_now(world.tools, PATH, "lighthouse")
    assert (made.level, world.store.ledger.size()) == ("silver", size)


def test_of_nothing_and_without_a_key_nothing_is_recorded(make):
    empty = make()
    assert code_of(empty.assess) == "nothing-to-sign"
    empty.tools = replace(empty.tools, signing_key=lambda: None)
    assert code_of(empty.assess) == "no-ledger-key"
    assert empty.store.ledger.size() == 0


# connected
def test_a_repository_and_a_source_that_are_connected_make_more_showable(world):
    """What nobody here tells cannot be shown, though evidence leaves room for it; who is connected somewhere else, or
    was once, tells nothing here."""
    alone = set(kinds_heard(world.tools, PATH))
    assert {"pipelinerun.finished", "deployment.finished", "statement.attested"} <= alone
    assert not alone & {"commit.observed", "ticket.closed", "change.reviewed", "testoutput.published"}
    world.tools = replace(world.tools, forge_tells=lambda kind: {"gitlab": frozenset({"change.reviewed"})}[kind])
    with world.store.change() as tx:
        tx.bindings.put(Binding(project=world.node(), kind="gitlab", url="https://git.example/a.git"))
        places = {
            "tracker": world.node("acme"),
            "gone": world.node(),
            "old": world.node(),
            "else": world.node("acme/other"),
        }
        for name, node in places.items():
            times = {"revoked": 1} if name == "gone" else {"expires": world.now} if name == "old" else {}
            kind = SourceKind.TRACKER if name == "tracker" else SourceKind.SCANNER
            tx.sources.add(Source(name=name, node=node, kind=kind, speaks_as=(f"/{name}",), token=name, **times))
    heard = set(kinds_heard(world.tools, PATH))
    assert {"commit.observed", "tree.inspected", "change.reviewed", "ticket.closed"} <= heard - alone
    assert "testoutput.published" not in heard
    assert "testoutput.published" in kinds_heard(world.tools, "acme")
    assert "commit.observed" not in kinds_heard(world.tools, "acme/other")


def test_what_could_be_shown_is_the_same_however_much_is_connected_later(world):
    world.pack = PackFile(read_pack(TEXT.replace("fact: alarms-answered\n", "fact: rollback-rehearsed\n"), "l.yaml"))
    made, record = world.assess()
    with world.store.change() as tx:
        tx.sources.add(Source(name="all", node=0, kind=SourceKind.GENERIC, speaks_as=("/all",), token="t"))
    assert assess_ledger.assessment_of(world.tools, record) == made
    assert set(kinds_heard(world.tools, PATH)) > set(made.scope.heard)
    assert replay(io.BytesIO(world.bundle(record)), KEYS, lambda _: None).computed.scope.heard == made.scope.heard


def test_an_assessment_of_before_says_nothing_of_what_could_be_shown(world):
    """Nobody noted then what was connected: its result is what it was."""
    made, record = world.assess()
    old = msgspec.structs.replace(record, heard=(), showable="")
    with pytest.raises(PlumblineError):
        assess_ledger.assessment_of(world.tools, old)
    scope = msgspec.structs.replace(made.scope, heard=())
    again = assess_evidence(small(), evidence(*SILVER), scope)
    assert (again.showable, again.unrecognised) == ("", ())
    assert not any(one.needs for one in again.roadmap)
    plain = msgspec.to_builtins(again)
    for name in ("showable", "unrecognised"):
        del plain[name]
    before = msgspec.convert(plain, type(again))
    assert digest_of(before) == again.digest


# planned
def test_who_takes_a_step_and_by_when_is_kept_and_stands_in_later_assessments(make):
    world = make(*SILVER, *NOISE)
    world.pack = PackFile(read_pack(TEXT.replace("fact: alarms-answered\n", "fact: rollbacks-rehearsed\n"), "l.yaml"))
    before, early = world.assess()
    step = before.roadmap[0]
    assert (step.item, step.level, step.owner, step.due) == ("ci", "gold", "", "")
    for owner, due in (("Li Na", "2027-01-31"), (" Zhao Min ", "2027-03-01")):
        plans.plan_step(
            world.wang, world.tools, world.node(), "lighthouse", "ci", "gold", StepPlan(owner=owner, due=due)
        )
    above = world.node("acme")
    plans.plan_step(world.wang, world.tools, above, "lighthouse", "ci", "gold", StepPlan(owner="Somebody", due=""))
    after, _ = world.assess()
    assert [(one.owner, one.due) for one in after.roadmap if one.item == "ci"] == [("Zhao Min", "2027-03-01")]
    whole = world.assess("acme")[0].roadmap
    assert [one.owner for one in whole if (one.item, one.level) == ("ci", "gold")] == ["Somebody"]
    assert assess_ledger.assessment_of(world.tools, early) == before
    assert plans.list_plans(world.wang, world.tools, world.node(), "lighthouse") == {
        ("ci", "gold"): StepPlan(owner="Zhao Min", due="2027-03-01")
    }
    plans.plan_step(world.wang, world.tools, world.node(), "lighthouse", "ci", "gold", StepPlan())
    again = world.assess()[0]
    assert [(one.owner, one.due) for one in again.roadmap if one.item == "ci"] == [("", "")]


@pytest.mark.parametrize(
    ("item", "level", "owner", "due", "code"),
    [
        ("nope", "gold", "Li Na", "", "no-such-step"),
        ("ci", "platinum", "Li Na", "", "no-such-step"),
        ("ci", "gold", "x" * 101, "", "plan-wrong"),
        ("ci", "gold", "Li\nNa", "", "plan-wrong"),
        ("ci", "gold", "Li Na", "2027-02-30", "plan-wrong"),
        ("ci", "gold", "Li Na", "20270201", "plan-wrong"),
    ],
)
def test_a_plan_of_no_step_or_no_day_is_refused(world, item, level, owner, due, code):
    size = world.store.ledger.size()
    wanted = StepPlan(owner=owner, due=due)
    assert code_of(plans.plan_step, world.wang, world.tools, world.node(), "lighthouse", item, level, wanted) == code
    assert world.store.ledger.size() == size


# computed again
def test_last_quarters_assessment_is_computed_again_however_much_came_since(world):
    made, record = world.assess()
    world.append(measured("builds", 0.0, "later"), corrected(SILVER[0]), measured("alarms", 0.0, "bad", time=END - 5))
    world.now, world.pack = END + 90 * DAY, STRICT
    assert world.level() != "silver"
    again = assess_ledger.assessment_of(world.tools, record)
    assert again.digest == made.digest == record.result
    assert again == made
    _, newer = world.assess()
    assert [one.seq for one in assess_ledger.records(world.tools)] == [newer.seq, record.seq]
    assert assess_ledger.assessment_of(world.tools, newer).pack_digest == STRICT.digest


def test_an_earlier_assessment_is_no_evidence_for_a_later_one(world):
    first, _ = world.assess()
    second, record = world.assess()
    assert first.level == second.level
    assert record.as_of == first.scope.as_of + 1
    for one in (first, second):
        cited = {cited.id for found in one.every_item() for verdict in found.verdicts for cited in verdict.cited}
        assert cited <= {draft.id for draft in SILVER}


def test_what_the_records_do_not_give_any_more_is_refused(world):
    _, record = world.assess()
    other = msgspec.structs.replace(record, result="sha256:" + "0" * 64)
    assert code_of(assess_ledger.assessment_of, world.tools, other) == "assessment-differs"
    gone = msgspec.structs.replace(record, pack="sha256:" + "0" * 64)
    assert code_of(assess_ledger.assessment_of, world.tools, gone) == "pack-gone"


@pytest.mark.parametrize(
    ("lost", "criterion"),
    [("b1", "ci-b1"), ("b2", "ci-b2"), ("a1", "alarm-b1"), ("p1", "ci-s1"), ("t1", "ci-s2")],
)
def test_without_its_events_nothing_is_met(make, lost, criterion):
    """A ledger made anew without them, as a copy from which somebody deleted them would be."""
    full, poor = make(*SILVER), make(*without(SILVER, lost))
    before, after = full.assess()[0], poor.assess()[0]

    def outcomes(made):
        return {one.criterion: one.outcome for found in made.every_item() for one in found.verdicts}

    assert outcomes(before)[criterion] is Judgement.MET
    assert outcomes(after)[criterion] in (Judgement.UNKNOWN, Judgement.NOT_MET)
    more = {id_ for id_, one in outcomes(after).items() if one is Judgement.MET and outcomes(before)[id_] is not one}
    assert more == set()
    order = ["", "bronze", "silver", "gold"]
    assert order.index(after.level) <= order.index(before.level)


def test_without_any_events_nothing_is_met(make):
    world = make(*NOISE)
    made, _ = world.assess()
    assert (made.level, made.ceiling) == ("", "gold")
    assert all(one.outcome is not Judgement.MET for found in made.every_item() for one in found.verdicts)


def test_a_project_is_graded_by_its_own_events_and_a_system_by_all_below(make):
    world = make(*SILVER, *(measured("builds", 12.0, "x", project="acme/shop/cart"),))
    assert world.level("acme") == "silver"
    assert world.level("acme/shop") == "silver"
    assert world.level("acme/shop/cart") == ""
    assert world.level("acme/sho") == ""


def test_the_selection_says_the_same_as_the_ledgers_index(world):
    world.append(attested("statement-x", project="acme"), attested("statement-x", "s9", project="acme/other"))
    wants = Selector(PATH).wants
    direct = [
        entry.seq
        for entry in world.store.ledger.read()
        if wants(read_seen(entry.body), str((read_event(entry.body).custom or {}).get("project", "")))
    ]
    scope = msgspec.structs.replace(SCOPE, subject=PATH, as_of=world.store.ledger.size())
    assert [one.entry.seq for one in assess_ledger._chosen(world.store.ledger, scope)] == direct
    assert len(direct) == len(SILVER) + 1


def test_what_is_about_every_node_is_read_once_for_all_of_them_and_changes_nothing(make):
    said = (own_platform.IdentityLinked(person="w", by="admin", email=f"w{number}@a.example") for number in range(3))
    linked = (
        write_event(one, id=one.email, source="/plumbline", subject=one.email, time=END - DAY, project="")
        for one in said
    )
    first, *others = SILVER
    world = make(next(linked), first, next(linked), *others, next(linked))
    ledger, size = world.store.ledger, world.store.ledger.size()
    standing = assess_ledger.standing_now(world.tools)
    assert (standing.size, [one.entry.seq for one in standing.events]) == (size, [1, 3, size])
    for path in ("acme", "acme/shop", "acme/other"):
        assert list(scoped_events(ledger, path, size, standing)) == list(scoped_events(ledger, path, size))
        alone = assess_ledger.grade_now(world.tools, path, "lighthouse")
        assert assess_ledger.grade_now(world.tools, path, "lighthouse", standing).digest == alone.digest
    inside = [one.entry.seq for one in scoped_events(ledger, PATH, size, standing)]
    assert inside == list(range(1, size + 1))
    assert [one.entry.seq for one in scoped_events(ledger, PATH, 2)] == [1, 2]
    world.append(measured("builds", 12.0, "later"))
    assert assess_ledger.grade_now(world.tools, PATH, "lighthouse", standing).scope.as_of == size


# what changed
def test_a_changed_rule_and_a_changed_practice_are_told_apart(world):
    _, before = world.assess()
    world.now, world.pack = END + DAY, STRICT
    _, rule_only = world.assess()
    items, rules = assess_ledger.compare(world.tools, before, rule_only)
    [ci] = items
    assert (ci.item, ci.before, ci.same_rule, ci.after) == ("ci", "silver", "silver", "silver-")
    assert (ci.rule_changed, ci.practice_changed) == (True, False)
    [rule] = rules
    assert (rule.id, rule.what) == ("ci-s1", ("signals",))
    assert (rule.before[:20], rule.after[:20]) == ("pushes-built >= 90 %", "pushes-built >= 99 %")

    world.append(measured("alarms", 0.0, "quiet", time=END + DAY))
    world.now = END + 2 * DAY
    _, both = world.assess()
    items, rules = assess_ledger.compare(world.tools, before, both)
    assert {one.item: (one.rule_changed, one.practice_changed) for one in items} == {
        "ci": (True, False),
        "alarm": (False, True),
    }
    items, rules = assess_ledger.compare(world.tools, rule_only, both)
    assert ([one.item for one in items], rules) == (["alarm"], ())
    other = msgspec.structs.replace(both, standard="harbour")
    assert code_of(assess_ledger.compare, world.tools, before, other) == "other-standard"


def test_what_changed_grades_the_later_records_with_the_earlier_rule():
    early, late = evidence(*SILVER), evidence(*SILVER, measured("build-time", 60.0, "slow", unit="min", time=END - 1))
    before = assess_evidence(small(), early, SCOPE)
    after = assess_evidence(STRICT, late, SCOPE)
    [ci] = what_changed(before, small(), early, after, late)
    assert (ci.before, ci.same_rule, ci.after) == ("silver", "silver-", "bronze")
    assert (ci.practice_changed, ci.rule_changed) == (True, True)
    assert what_changed(before, small(), early, before, early) == ()


def test_an_exemption_is_a_cause_of_its_own(world):
    _, before = world.assess()
    world.waive("alarm", until=world.now + 90 * DAY)
    world.now += 1
    [waiver] = exemptions.list_exemptions(world.wang, world.tools, world.node())
    world.agree(world.chen, waiver.seq)
    world.now += DAY
    _, after = world.assess()
    (alarm,), rules = assess_ledger.compare(world.tools, before, after)
    assert (alarm.practice_changed, alarm.word_changed, alarm.rule_changed) == (False, True, False)
    assert (alarm.same_rule, rules) == ("n/a", ())
    world.now += 100 * DAY
    _, ended = world.assess()
    again = {one.item: one for one in assess_ledger.compare(world.tools, after, ended)[0]}
    assert again["alarm"].word_changed


# exported and replayed
def members(bundle):
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {one: archive.read(one) for one in archive.namelist()}


def packed(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def edited(bundle, name, edit):
    parts = members(bundle)
    parts[name] = edit(parts[name])
    return packed(parts)


def edited_event(bundle, id_, edit):
    """``edit`` takes the line and returns it, or None to drop it."""

    def lines(data):
        found = []
        for one in data.splitlines():
            line = json.loads(one)
            if json.loads(line["body"])["context"]["id"] == id_:
                line = edit(line)
            found.append(None if line is None else json.dumps(line).encode())
        return b"".join(one + b"\n" for one in found if one is not None)

    return edited(bundle, "events.jsonl", lines)


def ending(result, time):
    found = json.loads(result)
    return json.dumps(found | {"scope": found["scope"] | {"end": time}}).encode()


def replayed(bundle, keys=KEYS, known=lambda _: small().pack):
    return replay(io.BytesIO(bundle), keys, known)


def told(bundle):
    return [str(one) for one in replayed(bundle).differences]


def test_a_bundle_gives_the_same_result_anywhere(exported):
    bundle, record = exported
    found = replayed(bundle)
    assert (found.same, found.subject, found.result) == (True, PATH, record.result)
    assert found.computed.digest == record.result
    assert (found.computed.level, item(found.computed, "ci").level) == ("silver", "gold")
    assert len(found.events) == len(SILVER) + 2
    assert [(one.word, one.events) for one in tellers(found.events)] == [("source:quality", len(SILVER)), ("own", 2)]
    assert "acme/other" not in members(bundle)["events.jsonl"].decode()


def test_documents_of_statements_are_in_the_bundle_and_are_what_was_attached(world):
    world.review(world.attest(files=(b"%PDF-1.7 rules", b"minutes")))
    _, record = world.assess()
    bundle = world.bundle(record)
    found = replayed(bundle)
    assert found.same
    assert [(one.person, one.there) for one in found.documents] == [("wang.li", True)] * 2
    names = [name for name in members(bundle) if name.startswith("documents/")]
    assert {members(bundle)[name] for name in names} == {b"%PDF-1.7 rules", b"minutes"}
    other = replayed(edited(bundle, names[0], lambda data: data + b"!"))
    assert [str(one) for one in other.differences] == [
        f"The document sha256:{names[0].removeprefix('documents/')} is not the one that was attached."
    ]
    assert sorted(one.there for one in other.documents) == [False, True]
    parts = members(bundle)
    del parts[names[0]]
    without_one = replayed(packed(parts))
    assert (without_one.same, sorted(one.there for one in without_one.documents)) == (True, [False, True])


def test_a_sample_is_drawn_again_by_its_seed(exported):
    events = replayed(exported[0]).events
    drawn = sample(events, 3, 7)
    assert len(drawn) == 3
    assert sample(tuple(reversed(events)), 3, 7) == drawn
    assert len({sample(events, 3, seed) for seed in range(20)}) > 5
    assert {one.seq for seed in range(60) for one in sample(events, 1, seed)} == {one.seq for one in events}
    assert sample(events, 99, 1) == events


def test_a_pack_that_does_not_come_along_and_one_that_differs_are_named(exported):
    bundle = exported[0]
    assert [str(one) for one in replay(io.BytesIO(bundle), KEYS, lambda _: None).unlike_shipped] == [
        "The pack lighthouse is none of those that come along with this version."
    ]
    assert replay(io.BytesIO(bundle), KEYS, lambda _: small().pack).unlike_shipped == ()
    told = "\n".join(str(one) for one in replay(io.BytesIO(bundle), KEYS, lambda _: STRICT.pack).unlike_shipped)
    assert "The pack lighthouse 1 is not as it comes along" in told
    assert "ci-s1: signals differ: pushes-built >= 99 %" in told


def test_a_bundle_is_the_same_bytes_each_time(world):
    _, record = world.assess()
    first = world.bundle(record)
    assert world.bundle(record) == first
    assert replayed(first).computed.digest == record.result


def test_a_changed_event_is_named(exported):
    bundle, _ = exported

    def more(line):
        return line | {"body": line["body"].replace('"value":8.0', '"value":80.0')}

    found = told(edited_event(bundle, "t1", more))
    seq = [draft.id for draft in SILVER].index("t1") + 1
    assert any(f"Event {seq} " in one for one in found), found
    assert any("ci-s2" in one and "80 min" in one for one in found), found


def test_a_dropped_event_is_named_by_what_it_proved(exported):
    bundle, _ = exported
    found = told(edited_event(bundle, "p1", lambda line: None))
    assert any("ci-s1" in one and "met 95 %" in one and "unknown" in one for one in found), found


def test_a_dropped_or_changed_statement_is_named(exported):
    bundle, _ = exported
    found = told(edited_event(bundle, "review-s1-chen.yu", lambda line: None))
    assert any("ci-g1" in one and "not_met" in one for one in found), found

    def forged(line):
        return line | {"body": line["body"].replace("We do.", "We did.")}

    assert any("Event" in one for one in told(edited_event(bundle, "s1", forged)))


def test_an_event_that_stands_there_twice_is_named(exported):
    bundle, _ = exported
    twice = edited(bundle, "events.jsonl", lambda data: data.splitlines(keepends=True)[0] + data)
    assert any("Event 1 " in one for one in told(twice))


@pytest.mark.parametrize("name", ["manifest.json", "pack.json", "result.json", "events.jsonl"])
def test_a_part_that_says_a_name_twice_is_refused(exported, name):
    """What one reader takes for the result, another might not."""
    bundle, _ = exported
    twice = edited(bundle, name, lambda data: b'{"x":1,"x":2,' + data.lstrip()[1:])
    with pytest.raises(PlumblineError) as caught:
        replayed(twice)
    assert caught.value.code == "not-an-assessment"
    assert "twice" in str(caught.value)


def test_a_changed_threshold_is_named(exported):
    bundle, _ = exported
    easier = edited(bundle, "pack.json", lambda data: data.replace(b'"value":90', b'"value":10'))
    assert members(easier)["pack.json"] != members(bundle)["pack.json"]
    found = told(easier)
    assert any("not the one that the assessment was made with" in one for one in found), found
    assert any("ci-s1" in one and ">= 90 %" in one and ">= 10 %" in one for one in found), found
    assert any("not the one" in str(one) for one in replayed(easier, known=lambda _: None).differences)


def test_a_changed_result_is_named(exported):
    bundle, _ = exported
    parts = members(bundle)
    better = parts["result.json"].replace(b'"level":"silver"', b'"level":"gold"')
    assert better != parts["result.json"]
    found = told(packed(parts | {"result.json": better}))
    assert any("not the one that the ledger records" in one for one in found), found


def test_another_end_of_the_windows_is_another_result(exported):
    bundle, _ = exported
    moved = edited(bundle, "result.json", lambda data: data.replace(str(END).encode(), str(END - 1).encode()))
    assert any("not the one that the ledger records" in one for one in told(moved))


def test_an_assessment_without_its_own_record_is_named(exported):
    bundle, _ = exported
    parts = members(bundle)
    parts["events.jsonl"] = b"".join(parts["events.jsonl"].splitlines(keepends=True)[:-1])
    assert any("left in the ledger is not in the file" in one for one in told(packed(parts)))


def test_another_key_is_refused(exported):
    assert code_of(replayed, exported[0], [OTHER.verifier]) == "no-known-signature"


def test_what_unpacks_to_something_endless_is_not_unpacked(exported):
    """Parts that no assessment has are left alone; packings that nobody uses are refused."""
    file = io.BytesIO(packed(members(exported[0])))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("more", bytes(1 << 20))
    assert replayed(file.getvalue()).same
    lzma = io.BytesIO()
    with zipfile.ZipFile(lzma, "w", zipfile.ZIP_LZMA) as archive:
        for name, data in members(exported[0]).items():
            archive.writestr(name, data)
    assert code_of(replayed, lzma.getvalue()) == "not-an-assessment"


def test_a_part_that_is_nested_without_end_is_refused(exported):
    parts = members(exported[0])
    deep = parts["events.jsonl"].splitlines()[0].replace(b'"path":[', b'"path":[' + b"[" * 100_000)
    assert code_of(replayed, packed(parts | {"events.jsonl": deep})) == "not-an-assessment"
    assert code_of(replayed, packed(parts | {"pack.json": b'{"id":' + b"[" * 100_000})) == "not-an-assessment"


@pytest.mark.parametrize("name", ["manifest.json", "checkpoint.txt", "pack.json", "result.json", "events.jsonl"])
def test_a_part_that_is_missing_or_nonsense_is_refused(exported, name):
    parts = members(exported[0])
    rest = {other: data for other, data in parts.items() if other != name}
    assert code_of(replayed, packed(rest)) == "not-an-assessment"
    nonsense = packed(parts | {name: b"nonsense"})
    assert code_of(replayed, nonsense) in ("not-an-assessment", "not-a-note", "no-known-signature", "bad-note")


def test_a_pack_that_names_an_unknown_probe_is_refused(exported):
    odd = edited(exported[0], "pack.json", lambda data: data.replace(b'"probe":"median"', b'"probe":"guess"'))
    assert code_of(replayed, odd) == "not-an-assessment"


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("events.jsonl", lambda data: re.sub(rb'"seq":[0-9]+', b'"seq":%d' % 2**64, data, count=1)),
        ("events.jsonl", lambda data: re.sub(rb'"received":[0-9]+', b'"received":-1', data, count=1)),
        ("result.json", lambda data: ending(data, 2**62)),
        ("result.json", lambda data: ending(data, 10**30)),
    ],
)
def test_a_number_that_no_ledger_has_is_refused(exported, name, edit):
    assert code_of(replayed, edited(exported[0], name, edit)) == "not-an-assessment"


def test_a_file_that_says_it_is_about_another_project_is_found_out(exported):
    moved = edited(exported[0], "manifest.json", lambda data: data.replace(PATH.encode(), b"acme/other"))
    assert told(moved) == [f"The file says that it is about 'acme/other', and the result is about '{PATH}'."]


def test_an_entry_whose_bytes_are_no_text_any_more_is_not_exported(world):
    entry = world.store.ledger.find(SILVER[0].source, SILVER[0].id)
    for name in ("body", "sender"):
        changed = msgspec.structs.replace(entry, **{name: b"\xff"})
        assert code_of(_line, changed, world.store.ledger.size(), world.store.ledger) == "ledger-broken"


def test_a_file_that_was_cut_short_is_refused(exported):
    bundle, _ = exported
    for length in (0, 1, 100, len(bundle) // 2, len(bundle) - 1):
        assert code_of(replayed, bundle[:length]) == "not-an-assessment"


def test_no_changed_byte_passes_or_crashes(exported):
    bundle, _ = exported
    silent = 0
    for at in range(0, len(bundle), max(1, len(bundle) // 250)):
        changed = bundle[:at] + bytes([bundle[at] ^ 0x15]) + bundle[at + 1 :]
        try:
            found = replayed(changed)
        except PlumblineError:
            continue
        silent += found.same
        if found.same:  # nothing but what ZIP itself writes around the parts
            assert members(changed) == members(bundle), at
    assert silent < 60


# statements
def test_a_statement_counts_once_a_second_person_accepted_it(world):
    id_ = world.attest(text=" We write rules down. ")
    world.now += 1
    [found] = statements.statements_on_file(world.tools, PATH)
    assert (found.id, found.text, found.decision, found.expired) == (id_, "We write rules down.", "", False)

    def verdict():
        made = assess_ledger.grade_now(world.tools, PATH, "lighthouse")
        return next(one.outcome.value for one in item(made, "ci").verdicts if one.criterion == "ci-g1")

    assert verdict() == "not_met"
    assert code_of(world.review, id_, "accepted", world.wang) == "own-statement"
    assert code_of(world.review, id_, "withdrawn", world.chen) == "own-statement"
    assert code_of(world.review, "statement:x", "accepted", world.chen) == "no-such-statement"
    assert verdict() == "not_met"
    world.review(id_)
    assert verdict() == "met"
    world.now += 366 * DAY
    made = assess_ledger.grade_now(world.tools, PATH, "lighthouse")
    stale = next(one for one in item(made, "ci").verdicts if one.criterion == "ci-g1")
    assert (stale.outcome.value, stale.findings[0].lack) == ("unknown", "stale")
    assert statements.statements_on_file(world.tools, PATH)[0].expired
    world.review(id_, "withdrawn", world.wang)
    assert statements.statements_on_file(world.tools, PATH)[0].decision == "withdrawn"


def test_a_statement_of_a_node_above_holds_below_and_never_beside(world):
    id_ = world.attest(text="All of us do.", path="acme")
    world.review(id_, path="acme")
    world.now += 1
    made = assess_ledger.grade_now(world.tools, PATH, "lighthouse")
    assert item(made, "ci").level == "gold"
    assert [one.path for one in statements.statements_on_file(world.tools, PATH)] == ["acme"]

    beside = world.attest(path="acme/other")
    world.review(beside, path="acme/other")
    assert beside not in [one.id for one in statements.statements_on_file(world.tools, PATH)]
    assert code_of(world.review, beside) == "no-such-statement"


def test_statements_that_say_nothing_are_refused(world):
    size = world.store.ledger.size()
    assert code_of(world.attest, text="  ") == "statement-empty"
    assert code_of(world.attest, until=world.now) == "statement-expired"
    assert world.store.ledger.size() == size
    world.attest(files=[b"rules"], until=world.now + 10)
    [digest] = statements.statements_on_file(world.tools, PATH)[0].files
    assert world.tools.file(digest) == b"rules"


def test_a_pack_that_asks_for_a_document_takes_none_without_and_says_so_of_those_before(world):
    """What was taken when words were enough counts as it is told, and is marked."""
    before = world.attest(text="ok")
    world.review(before)
    ask = "asks: [{kind: document, shows: {en: the rules, zh: 规则}, answered_by: statement}]\n        signals:"
    world.pack = PackFile(read_pack(_asking(ask), "lighthouse.yaml"))
    assert code_of(world.attest, text="ok") == "statement-undocumented"
    assert code_of(world.attest, address="rules of ours") == "document-address-wrong"
    world.now += 1
    world.attest(address="https://wiki.bank.example/rules")
    found = statements.statements_on_file(world.tools, PATH)
    assert [(one.address, one.undocumented) for one in found] == [
        ("https://wiki.bank.example/rules", False),
        ("", True),
    ]
    assert (
        next(one.outcome.value for one in item(world.assess()[0], "ci").verdicts if one.criterion == "ci-g1") == "met"
    )


def _asking(ask):
    """The small pack, whose statement about the rules of the build is to come with a document."""
    head, signal, tail = TEXT.partition("        - {probe: statement, fact: statement-build-rules")
    begin = head.rindex("        signals:")
    return head[:begin] + "        " + ask + head[begin + len("        signals:") :] + signal + tail


# exemptions
def test_exemptions_take_a_reason_and_a_second_person(world):
    assert code_of(world.waive, " ") == "no-reason"
    world.waive(until=world.now + DAY)
    world.now += 1
    [waiver] = exemptions.list_exemptions(world.wang, world.tools, world.node())
    assert code_of(world.agree, world.wang, waiver.seq) == "second-person"
    assert outcome_of(world.agree, world.chen, waiver.seq - 1) == outcome_of(world.agree, world.chen, 99) == "not-found"
    assert item(assess_ledger.grade_now(world.tools, PATH, "lighthouse"), "alarm").applies
    world.agree(world.chen, waiver.seq)
    world.now += 1
    made = assess_ledger.grade_now(world.tools, PATH, "lighthouse")
    assert (item(made, "alarm").applies, item(made, "alarm").reason) == (False, "No users yet.")
    world.now += DAY
    assert item(assess_ledger.grade_now(world.tools, PATH, "lighthouse"), "alarm").applies
    assert code_of(world.agree, world.chen, waiver.seq) == "waiver-expired"


def test_an_exemption_that_names_no_day_ends_a_year_later_on_its_page_as_in_the_grade(world):
    world.waive()
    for passed, expired in ((364 * DAY, False), (2 * DAY, True)):
        world.now += passed
        [one] = exemptions.list_exemptions(world.wang, world.tools, world.node())
        assert (one.until, one.ends, one.expired) == (0, one.made + 365 * DAY, expired)


def test_what_was_granted_anew_for_longer_does_not_end(world):
    def ending(actor):
        return [one.title for one in my_work(actor, world.tools) if one.kind is Kind.EXEMPTION]

    world.waive(until=world.now + 7 * DAY)
    world.now += 1
    assert ending(world.wang) == ["alarm"]
    assert ending(world.chen) == []
    [waiver] = exemptions.list_exemptions(world.wang, world.tools, world.node())
    world.agree(world.chen, waiver.seq)
    assert ending(world.wang) == ["alarm"]  # once
    world.now += 1
    world.waive(until=world.now + 90 * DAY)
    assert ending(world.wang) == []
    world.now += 80 * DAY
    assert ending(world.wang) == ["alarm"]


def test_an_exemption_that_went_round_the_flow_still_needs_a_second_person(world):
    alone = own_operations.ExceptionGranted(rule="alarm", reason="why", person="wang.li", kind="notApplicable")
    world.append(event(alone, "x1"))
    assert item(assess_ledger.grade_now(world.tools, PATH, "lighthouse"), "alarm").applies


# pure
def test_assessing_bytes_is_a_pure_function():
    bodies = [(one.body, one.sender) for one in SILVER]
    one = assess(small(), bodies, SCOPE)
    other = assess(PackFile(msgspec.json.decode(canonical(small().pack), type=type(small().pack))), bodies[::-1], SCOPE)
    assert one.digest == other.digest
    assert one.level == "silver"
    assert assess(small(), [*bodies, (b"not an event", None), (b"{}", b"")], SCOPE).digest == one.digest
