"""Pages of policies, gates and waivers: what is wrong at which line, what holds something back, who let it go on."""

from __future__ import annotations

import re

import pytest
from gate_examples import POLICY, WRONG, ask_waiver, evaluate, evaluation_of, judged_pipeline, save_policy

pytestmark = pytest.mark.slow

NEVER = "f" * 40  # a revision that nobody judged


@pytest.fixture
def people(bank):
    """mei, who wrote the policy; and two more who may agree."""
    for name in ("second", "third"):
        bank.person(name, "security", "maintainer", title=name.title())
    mei = bank.browser("mei")
    save_policy(mei, 1)
    return mei, bank.browser("second"), bank.browser("third")


def plain(text):
    """Without tags, with one space between words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_a_mistake_in_a_policy_is_said_at_its_line_and_nothing_is_saved(bank):
    mei = bank.browser("mei")
    answer = mei.post("/nodes/1/policy", text=WRONG, reason="x")
    assert answer.status_code == 422
    said = plain(answer.text)
    assert "3 mistakes" in said
    for name in ("tests-pased", "pipeline.faild_jobs"):
        line = next(place for place, one in enumerate(WRONG.splitlines(), 1) if name in one)
        assert f"Line {line}, column" in said
        assert name in said
    assert "tests-passed" in said  # the nearest name
    assert "at_least: 1" in answer.text  # what was typed is still there
    assert "No policy holds here" in mei.ask("GET", "/nodes/1/policies").text


def test_looking_a_policy_through_saves_nothing(bank):
    mei = bank.browser("mei")
    looked = mei.post("/nodes/1/policy/check", text=POLICY).text
    assert "it can be read" in looked
    assert "seems to hold whatever" not in looked
    assert "No policy holds here" in mei.ask("GET", "/nodes/1/policies").text


def test_a_policy_holds_below_and_its_versions_say_what_changed(people):
    mei, *_ = people
    save_policy(mei, 1, POLICY.replace("at_least: 1", "at_least: 7"))
    below = mei.ask("GET", "/nodes/3/policies").text
    assert "What a build has to show" in below
    assert "bank" in plain(below)
    page = mei.ask("GET", "/nodes/1/policy?name=builds").text
    assert re.search(r'class="hit".*at_least: 7', page)
    assert re.search(r'class="missed".*at_least: 1', page)


def test_what_somebody_saved_meanwhile_is_not_written_over(people):
    mei, *_ = people
    seen = re.search(r'name="seen" value="([^"]+)"', mei.ask("GET", "/nodes/1/policy?name=builds").text)[1]
    save_policy(mei, 1, POLICY.replace("at_least: 1", "at_least: 7"))
    text = POLICY.replace("at_least: 1", "at_least: 3")
    answer = mei.post("/nodes/1/policy", text=text, reason="x", name="builds", seen=seen)
    assert answer.status_code == 409
    assert "at_least: 3" in answer.text
    assert "at_least: 3" not in mei.ask("GET", "/nodes/1/policy?name=builds").text


def test_a_policy_is_tried_on_a_past_run_and_nothing_is_kept(bank, people):
    mei, *_ = people
    made = judged_pipeline(bank)
    before = mei.ask("GET", "/nodes/3/gates").text.count("/evaluations/")
    answer = mei.post("/nodes/1/policy/try", text=POLICY, pipeline=str(made.id), act="pipeline")
    assert answer.status_code == 200
    said = plain(answer.text)
    assert "What it would have said; nothing was saved" in said
    assert "A job of this pipeline failed." in said
    assert mei.ask("GET", "/nodes/3/gates").text.count("/evaluations/") == before
    assert mei.post("/nodes/1/policy/try", text=POLICY, pipeline="", act="pipeline").status_code == 422


def test_a_retired_policy_is_listed_where_it_stood_with_its_word(people):
    mei, *_ = people
    assert mei.post("/nodes/1/policy/retire", name="builds", reason="Another one took its place.").status_code == 303
    assert "retired" in mei.ask("GET", "/nodes/1/policies").text


def test_the_checklist_says_why_and_what_helps_and_leads_to_a_waiver(bank, people):
    mei, *_ = people
    made = judged_pipeline(bank)
    page = mei.ask("GET", f"/pipelines/{made.id}/gates").text
    said = plain(page)
    said_of = ("A job of this pipeline failed.", "Mend the job, or take it out of the pipeline.", "nobody told of it")
    for words in (*said_of, "on trial: shown, and holds nothing back", "continuous-delivery/cd.3.3.3"):
        assert words in said
    assert f"/nodes/3/waivers?rule_set=builds&amp;line=no-failed-job&amp;commit={made.sha}#ask" in page
    assert "few-jobs&amp;commit" not in page  # what passes needs none


def test_a_verdict_belongs_to_its_revision(bank, people):
    mei, *_ = people
    made = judged_pipeline(bank)
    assert "A job of this pipeline failed." in mei.ask("GET", f"/projects/3/gates?commit={made.sha}").text
    other = plain(mei.ask("GET", f"/projects/3/gates?commit={NEVER}").text)
    assert "No gate looked at this revision" in other
    assert "passes" not in other


def test_two_persons_waive_a_line_and_the_checklist_says_so(bank, people):
    mei, second, third = people
    made = judged_pipeline(bank)
    waiver = ask_waiver(second, 3, commit=made.sha)
    asked = second.ask("GET", f"/waivers/{waiver}").text
    assert f'action="/waivers/{waiver}/decide"' not in asked
    assert "waits for a second person" in asked
    assert second.post(f"/waivers/{waiver}/decide", agree="1").status_code in (403, 409)
    assert f'action="/waivers/{waiver}/decide"' in third.ask("GET", "/nodes/3/waivers").text
    assert third.post(f"/waivers/{waiver}/decide", agree="1").status_code == 303
    evaluate(mei, made)
    said = plain(mei.ask("GET", f"/pipelines/{made.id}/gates").text)
    assert "waived by two persons would be: refused" in said
    assert f'href="/waivers/{waiver}"' in mei.ask("GET", f"/pipelines/{made.id}/gates").text
    assert third.post(f"/waivers/{waiver}/end").status_code == 303
    assert "ended before its time" in mei.ask("GET", f"/waivers/{waiver}").text


def test_a_form_for_a_waiver_that_is_refused_keeps_what_was_typed(bank, people):
    mei, *_ = people
    fields = {"rule_set": "builds", "line": "no-failed-job", "of_contract": "0", "reason": "Because."}
    answer = mei.post("/nodes/3/waivers", until="2001-01-01", **fields)
    assert answer.status_code in (409, 422)
    assert 'value="no-failed-job"' in answer.text
    assert "Because." in answer.text
    assert "Nothing is waived" in mei.ask("GET", "/nodes/3/waivers").text


def test_an_evaluation_is_judged_again_and_taken_along(bank, people):
    mei, *_ = people
    uid = evaluation_of(mei, judged_pipeline(bank))
    assert "byte for byte" in mei.ask("GET", f"/evaluations/{uid}?replay=1").text
    file = mei.ask("GET", f"/evaluations/{uid}/file")
    assert file.headers["content-disposition"] == f'attachment; filename="evaluation-{uid}.json"'
    assert file.json()["evaluation"]["uid"] == uid


def test_what_gates_said_is_taken_along_as_a_list(bank, people):
    mei, *_ = people
    made = judged_pipeline(bank)
    rows = mei.ask("GET", "/nodes/3/gates?file=csv").text.splitlines()
    assert len(rows) == 2
    assert made.sha[:8] in rows[1]
    assert "no-failed-job" in rows[1]


def test_words_of_strangers_are_no_markup(bank, people):
    mei, *_ = people
    waiver = ask_waiver(mei, 3, reason="<script>alert(1)</script>")
    for page in (f"/waivers/{waiver}", "/nodes/3/waivers"):
        assert "<script>alert" not in mei.ask("GET", page).text
