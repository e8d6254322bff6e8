"""Six roles at their daily task, from the first page after signing in to the end of it, in a real browser and in both
languages. Each walk says how many clicks it takes at most; a field that is filled in counts as one."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest
from web_server import PASSWORD, serving

from plumbline.flow.assessments.packs import every_pack
from plumbline.flow.pipelines.runner_heartbeats import Heartbeat
from plumbline.model.deployment import EnvironmentDeployment
from plumbline.model.job import State
from plumbline.model.pipeline import Environment, When

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository

pytestmark = pytest.mark.slow

LANGUAGES = {"en-GB": "en", "zh-CN": "zh-CN"}
PRODUCTION = {"environment": Environment(name="production", tier="production"), "when": When.MANUAL}
STAFF = {
    "nia": ("developer", 1),
    "rina": ("release_manager", 1),
    "otto": ("operator", 1),
    "lena": ("maintainer", 1),
    "iris": ("assessor", 1),
    "audrey": ("auditor", 0),
}


class Walk:
    """What somebody does on pages, counted."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, selector, *, text=""):
        self.page.locator(selector, has_text=text or None).first.click()
        self.clicks += 1

    def fill(self, selector, text):
        self.page.fill(selector, text)
        self.clicks += 1

    def choose(self, selector, value):
        self.page.select_option(selector, value)
        self.clicks += 1

    def at(self, path):
        self.page.wait_for_url(f"**{path}")

    def sees(self, selector, text=""):
        self.page.locator(selector, has_text=text or None).first.wait_for()


def person_of(bank, name):
    with bank.store.view() as tx:
        return tx.people.named(name).id


@pytest.fixture(params=list(LANGUAGES))
def walk(request, chromium, bank):
    """``walk(name)``: on the first page of somebody who just signed in; no script fails on the way."""
    for name, (role, node) in STAFF.items():
        bank.person(name, role, node=node)
    contexts, wrong = [], []
    with serving(bank.server) as url:

        def signed_in(name):
            context = chromium.new_context(
                base_url=url, locale=request.param, viewport={"width": 1280, "height": 800}, accept_downloads=True
            )
            contexts.append(context)
            page = context.new_page()
            page.set_default_timeout(20_000)
            page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
            page.goto("/")
            page.fill("[name=name]", name)
            page.fill("[name=password]", PASSWORD)
            page.locator("main form button").last.click()
            page.locator("nav.rail").wait_for()
            assert page.locator("html").get_attribute("lang") == LANGUAGES[request.param]
            return Walk(page)

        yield signed_in
        for context in contexts:
            context.close()
    assert wrong == []


def test_a_developer_finds_the_first_error_of_a_failed_pipeline_and_retries(bank, walk):
    nia = person_of(bank, "nia")
    made = bank.add_pipeline(3, {"build": "build", "unit": "test"}, ref="rates", by=nia)
    bank.end(made.id, "build")
    bank.write(bank.begin(made.id, "unit"), "ok 1\nERROR: the sum is wrong\n")
    bank.end(made.id, "unit", State.FAILED, exit_code=1)
    way = walk("nia")
    way.click("main .work a.strong")
    way.at(f"/pipelines/{made.id}")
    way.click("#jobs table a.strong")  # what failed stands first
    way.sees(".log-line", "the sum is wrong")  # the log has come
    way.click("[data-log=error]")
    way.sees(".log-line.error", "the sum is wrong")
    failed = way.page.url
    way.click("#live form[action$='/retry'] button")
    way.page.wait_for_url(lambda now: "/jobs/" in now and now != failed)
    assert way.clicks <= 4


@pytest.fixture
def released(bank):
    """What production serves, and the newer pipeline whose button leads there."""
    old = bank.add_pipeline(3, {"deploy": ("deploy", None, PRODUCTION)}, message="Older")
    with bank.store.change() as tx:
        known = {"project": 3, "environment": "production", "commit": old.sha, "subject": "x", "started": 1}
        job = next(one.id for one in tx.jobs.of(old.id))
        tx.deployments.add(EnvironmentDeployment(job=job, outcome="success", finished=2, **known))
    made = bank.add_pipeline(3, {"build": "build", "deploy": ("deploy", None, PRODUCTION)}, message="Newer")
    bank.end(made.id, "build")
    return old, made


def test_a_release_manager_sees_what_waits_and_what_runs_in_production(bank, walk, released):
    old, _ = released
    way = walk("rina")
    way.click("main a[href='/nodes/1']")
    way.click("main a[href='/nodes/2']")
    way.sees(".chain a", "deploy")
    assert way.clicks <= 2
    way = walk("rina")
    way.click("nav a[href='/environments']")
    way.sees("main td a", old.sha[:8])
    way.sees("main td time")
    assert way.clicks <= 1


def test_an_operator_presses_the_button_of_production_and_is_asked(bank, walk, released):
    way = walk("otto")
    way.click("nav a[href='/pipelines']")
    way.click(f"main a[href='/pipelines/{released[1].id}']")
    way.click("#jobs form[action$='/play'] button")
    way.sees("main dl.pairs", "production")
    way.click("main form.acts button.primary")
    way.page.wait_for_url("**/jobs/*")
    assert way.clicks <= 4


def test_a_maintainer_finds_the_worst_project_and_grants_a_role(bank, walk):
    red = bank.add_pipeline(3, {"build": "build"})
    bank.end(red.id, "build", State.FAILED, exit_code=1)
    bank.nodes(("project", "bank/core/quiet", "Quiet"))
    way = walk("lena")
    way.click("main a[href='/nodes/1']")
    way.sees("ul.work a.strong", "Posting engine")
    assert way.page.locator("ul.work a.strong").count() == 1
    way.click("nav a[href='/nodes/1/members']")
    way.sees("#here", "lena")
    way.fill("#grant [name=person]", "omar")
    way.choose("#grant select", "developer")
    way.click("#grant button.primary")
    way.sees("#here tr", "omar")
    assert way.clicks <= 5


def test_an_auditor_finds_what_a_person_did_and_takes_it_along_verified(bank, walk):
    made = bank.add_pipeline(3, {"build": "build"}, by=person_of(bank, "nia"))
    bank.end(made.id, "build")
    way = walk("audrey")
    way.click("nav a[href='/ledger']")
    way.click("form[action='/ledger/verify'] button")
    way.sees("#verified span.s-success")  # without being loaded again
    way.fill("#entries form.fields [name=who]", "nia")
    way.click("#entries form.fields button")
    way.page.wait_for_url("**who=nia**")
    way.sees("#entries tbody tr", "pipelinerun")
    with way.page.expect_download() as told:
        way.click("form[action='/ledger/export'] button")
    assert told.value.suggested_filename.endswith(".jsonl")
    assert way.clicks <= 5


def test_an_assessor_opens_a_grade_down_to_an_event_and_accepts_a_statement(bank, walk):
    made = bank.add_pipeline(3, {"build": "build"})
    bank.end(made.id, "build")
    grade = bank.browser("mei").post("/nodes/3/assess", pack="continuous-delivery").headers["location"]
    way = walk("iris")
    way.click("nav a[href='/assessments']")
    way.click(f"main a[href='{grade}']")
    way.click("main a[href*='outcome=not_met']")
    way.click("#criteria + table a")
    way.click("article td a.tag[href^='/ledger/']")
    way.page.wait_for_url("**/ledger/*")
    way.sees("header .s-success")  # the proof holds
    assert way.clicks <= 5
    packs = every_pack(bank.server.tools.assessments)
    topic = min(one.fact for pack in packs for one in pack.signals if one.probe == "statement")
    said = {"topic": topic, "text": "Held since May.", "address": "https://wiki.bank.example/x"}
    assert bank.browser("mei").post("/nodes/3/statements", **said).status_code == 303
    way = walk("iris")
    way.click("main .work a.strong")
    way.click("form:has([value=accepted]) button")
    way.sees("main td .j-met")
    assert way.clicks <= 2


def test_an_administrator_finds_the_silent_runner_and_who_waits(bank, walk):
    made = bank.add_pipeline(3, {"build": "build"})
    with bank.store.change() as tx:
        tx.settings.put("runners", msgspec.json.encode([Heartbeat(owner="east-2/1", threads=2, seen=1)]))
    way = walk("mei")
    way.click("nav a[href='/installation']")
    way.click("nav a[href='/runners']")
    way.sees("main tr:has(.s-failed)", "east-2/1")
    way.click("#waiting + table a[href^='/jobs/']")
    way.at(f"/jobs/{bank.current(made.id)['build'].id}")
    assert way.clicks <= 3


def test_an_administrator_renames_a_system_and_tests_a_connection(bank, walk, tmp_path):
    home = make_repository(tmp_path / "home", {"README.md": "A ledger\n"})
    [project] = bank.nodes(("project", "bank/core/tariffs", "Tariffs"))
    way = walk("mei")
    way.click("main a[href='/nodes/1']")
    way.click("main a[href='/nodes/2']")
    way.click("nav a[href='/nodes/2/settings']")
    way.click("main a[href='/nodes/2/place']")
    way.fill("main form [name=new_name]", "kernel")
    way.fill("main form [name=old_path]", "bank/core")
    way.click("main form button")
    way.sees("main code", "bank/kernel")
    assert way.clicks <= 7
    way = walk("mei")
    way.click(f"main a[href='/projects/{project.id}']")
    way.click(f"nav a[href='/projects/{project.id}/settings']")
    way.fill("form [name=url]", str(home))
    way.click("form:has([name=url]) button")
    way.at(f"/projects/{project.id}/connection")
    way.click("form[action$='/connection/test'] button")
    way.sees("#repository .notice.good")
    assert way.clicks <= 5
