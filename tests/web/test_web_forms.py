"""Forms that are refused keep what was typed, and nobody is offered what they may not do."""

from __future__ import annotations

import html
import re

import pytest
from web_server import PASSWORD, refusals
from web_structure import flaws

from plumbline.model.job import State
from plumbline.model.person import Role
from plumbline.model.pipeline import AllowFailure
from plumbline.model.tree import INSTANCE
from plumbline.web.every_page import all_pages
from plumbline.web.words import duration


def fields_of(page):
    """Name -> value of every text that is filled in."""
    found = dict(re.findall(r'<input name="(\w+)"[^>]*? value="([^"]*)"', page))
    return found | dict(re.findall(r'<textarea name="(\w+)"[^>]*>([^<]*)', page))


LONG = "x" * 256


@pytest.mark.parametrize(
    ("path", "page", "typed", "status", "because"),
    [
        (
            "/tree",
            "/tree",
            {"kind": "project", "parent": "2", "name": "POSTING", "title": "<A> B", "url": "u"},
            409,
            "There is something at bank/core/posting already.<br>Choose a name that differs in more than capitals.",
        ),
        (
            "/projects/4/repository",
            "/projects/4/settings",
            {"kind": "gitea", "url": "https://git.bank/x", "poll": "60", "branch": "trunk"},
            409,
            "bank/core/other has the repository https://git.bank/x already.<br>A repository belongs to one project",
        ),
        (
            "/nodes/3/title",
            "/projects/3/settings",
            {"new_title": LONG},
            422,
            f"&#39;{LONG[:50]}&#39; is longer than 255 characters",
        ),
        (
            "/projects/3/schedules",
            "/projects/3/schedules",
            {"title": "Night", "cron": "x", "time_zone": "Mars", "ref": "r"},
            422,
            "The schedule &#39;x&#39; cannot be read: it has 1 fields instead of 5<br>Write minute, hour, day",
        ),
        *(
            (
                path,
                page,
                {"name": "A-B", "value": "b", "scope": "c"},
                422,
                "&#39;A-B&#39; cannot be the name of a variable.<br>Use letters, digits",
            )
            for path, page in (
                ("/nodes/3/variables", "/projects/3/settings"),
                ("/nodes/2/variables", "/nodes/2/settings"),
                ("/installation/variables", "/installation"),
            )
        ),
        (
            "/people",
            "/people",
            {"name": "mei", "title": "Mei", "email": "m@bank.example"},
            409,
            "There is a person named mei already.<br>Choose another name",
        ),
        (
            "/people/1/grant",
            "/people/1",
            {"role": "operator", "node": "2"},
            403,
            "Nobody grants a role to themselves.<br>Ask somebody else to do it.",
        ),
        (
            "/me/tokens",
            "/me",
            {"name": "ci", "scope": "run", "days": "700"},
            422,
            "A token ends within a year.<br>Choose an earlier day.",
        ),
        ("/me/password", "/me", {"old": "secret one", "new": "secret two"}, 409, "The old password is wrong."),
    ],
)
def test_a_form_that_is_refused_keeps_what_was_typed(bank, path, page, typed, status, because):
    bank.nodes(("project", "bank/core/bare", ""), ("project", "bank/core/other", ""))
    bank.bind(5, "https://git.bank/x", "gitea")
    answer = bank.browser("mei").post(path, **typed)
    assert answer.status_code == status
    assert because in answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert flaws(answer.text) == []
    assert (
        f'name="next" value="{page}"' in answer.text
    )  # whoever changes the language does not ask for the form's address
    kept = fields_of(answer.text)
    for name, value in typed.items():
        if name in ("old", "new"):
            assert value not in answer.text  # passwords go nowhere
        elif name in ("kind", "parent", "role", "node", "scope") and name not in kept:
            assert f'value="{value}" selected' in answer.text or f"selected>{value}</option>" in answer.text, name
        else:
            assert kept[name] == value.replace("<", "&lt;").replace(">", "&gt;"), name


def test_what_nobody_may_do_is_no_matter_of_the_form(bank):
    answer = bank.browser("omar").post("/tree", kind="project", parent="2", name="x")
    assert answer.status_code == 403
    assert "Which role may do what" in answer.text
    assert refusals(bank.server) == [("page tree", "not-allowed")]


def test_variables_that_are_none_are_refused_on_their_form(bank):
    answer = bank.browser("mei").post("/projects/3/run", ref="main", variables="A=1 B")
    assert answer.status_code == 422
    assert fields_of(answer.text)["variables"] == "A=1 B"


def test_a_password_that_was_changed_is_said(bank):
    browser = bank.browser("mei")
    answer = browser.post("/me/password", old=PASSWORD, new=PASSWORD.upper())
    assert "The password is changed" in browser.ask("GET", answer.headers["location"]).text


def test_who_has_no_role_is_told_what_to_do(bank):
    with bank.store.change() as tx:
        tx.grants.remove(2, INSTANCE, Role.VIEWER)
    browser = bank.browser("omar")
    for place in ("/", "/tree"):
        page = browser.ask("GET", place).text
        assert "You have no role yet" in page
        assert "Add your organisation" not in page


def test_a_viewer_is_offered_nothing_that_changes_anything(bank):
    bank.add_pipeline(3, {"build": "build"})
    browser = bank.browser("omar")
    for place in (
        "/",
        "/tree",
        "/nodes/2",
        "/projects/3",
        "/projects/3/schedules",
        "/projects/3/settings",
        "/pipelines/1",
    ):
        page = browser.ask("GET", place).text.partition("<main")[2]
        forms = re.findall(r'<form method="post" action="([^"]*)"', page)
        assert [form for form in forms if not form.endswith(("/star", "/views"))] == [], (
            place
        )  # stars and views are their own
        assert "Add something" not in page


def test_who_adds_projects_below_a_branch_chooses_among_what_stands_there(bank):
    bank.node("system", "bank/cards", "Cards")
    bank.person("max", "maintainer", node=2)
    page = bank.browser("max").ask("GET", "/tree").text
    parents = re.search(r'<select name="parent".*?</select>', page, re.DOTALL)[0]
    assert re.findall(r'<option value="(\d*)"', parents) == ["", "2"]
    assert re.findall(r'<option value="(\w+)"', re.search(r'<select name="kind".*?</select>', page)[0]) == ["project"]


def test_the_wall_draws_many_projects_small_and_what_failed_first(bank):
    for number in range(50):
        system = ("system", f"bank/s{number}", f"System {number}")
        project = bank.nodes(system, ("project", f"bank/s{number}/service", f"Service {number}"))[1]
        if number % 25 == 7:
            bank.end(bank.add_pipeline(project.id, {"build": "build"}).id, "build", State.FAILED, exit_code=1)
    page = bank.browser("mei").ask("GET", "/?kiosk=1").text
    assert page.count('class="estate"') == 1  # one group for the systems of the bank, none for each
    assert 'class="walls dense"' in page
    alarms = page.partition("alarms")[2].partition("</section>")[0]
    assert re.findall(r"<strong>(.*?)</strong>", alarms) == ["Service 32", "Service 7"]
    assert "System 32" in alarms


def test_a_pipeline_that_passed_with_a_failure_that_was_allowed_is_so_everywhere(bank):
    scan = ("build", None, {"allow_failure": AllowFailure(True)})
    one = bank.add_pipeline(3, {"build": "build", "scan": scan})
    for name in ("build", "scan"):
        bank.begin(one.id, name)
    bank.end(one.id, "scan", State.FAILED, exit_code=1)
    bank.end(one.id, "build")
    browser = bank.browser("mei")
    for place in ("/", "/?kiosk=1", "/tree", "/pipelines", "/projects/3", f"/pipelines/{one.id}"):
        page = browser.ask("GET", place).text.partition("<main")[2]
        assert "passed with warnings" in page, place
    wall = browser.ask("GET", "/").text
    tile = wall[wall.index('<a class="tile') :].partition("</a>")[0]
    assert 'class="tile s-warned"' in tile
    assert 'aria-label="passed with warnings"' in tile
    browser.post(f"/jobs/{bank.current(one.id)['scan'].id}/retry")
    bank.begin(one.id, "scan")
    bank.end(one.id, "scan")
    for place in ("/", "/pipelines", f"/pipelines/{one.id}"):
        assert "with warnings" not in browser.ask("GET", place).text, place


def test_lengths_are_no_times_of_day():
    seconds = (0.4, 9.96, 59.4, 59.6, 185, 3723, 90_000)
    said = [duration(one * 1_000_000) for one in seconds]
    assert said == ["0.4 s", "10 s", "59 s", "1m 00s", "3m 05s", "1h 02m", "25h 00m"]


def test_jobs_that_failed_stand_first_in_the_table(bank):
    one = bank.add_pipeline(3, dict.fromkeys(("a", "b", "c", "d"), "build"))
    bank.end(one.id, "c", State.FAILED, exit_code=1)
    page = bank.browser("mei").ask("GET", f"/pipelines/{one.id}").text
    assert re.findall(r'<a class="strong" href="/jobs/\d+">(\w)</a>', page) == ["c", "a", "b", "d"]


def test_what_a_form_did_is_said_once_on_the_page_that_follows(browser):
    answer = browser.post("/tree", kind="organisation", name="bank", title="Harbour Bank")
    assert answer.cookies["plumbline_done"] == "added"
    browser.cookies["plumbline_done"] = "added"
    part = browser.ask("GET", "/tree", headers={"HX-Request": "true"})  # no page that somebody opens
    assert ("Added." in part.text, "plumbline_done" in part.headers.get("set-cookie", "")) == (False, False)
    page = browser.ask("GET", "/tree")
    assert '<p class="notice good" role="status">Added.</p>' in page.text
    assert 'plumbline_done=""; expires=' in page.headers["set-cookie"]
    browser.cookies["plumbline_done"] = "<b>whatever</b>"
    assert "whatever" not in browser.ask("GET", "/tree").text
    del browser.cookies["plumbline_done"]
    assert "Added." not in browser.ask("GET", "/tree").text
    refused = browser.post("/tree", kind="organisation", name="bank")
    assert (refused.status_code, "plumbline_done" in refused.headers.get("set-cookie", "")) == (409, False)


def test_every_form_that_leads_to_a_page_has_something_to_say_there():
    """But those where the page itself shows what came of it."""
    silent = {page.path for page in all_pages() if page.method == "POST" and not page.done}
    parts = ("connection/test", "connection/secret", "proposal", "artifacts/{digest}/verify",
             "artifacts/{digest}/export", "robots")  # fmt: skip
    tried = ("evidence-contract/check", "policy/check", "policy/try")
    answers = {f"/projects/{{node:int}}/{part}" for part in parts} | {f"/nodes/{{node:int}}/{part}" for part in tried}
    answers |= {"/collections/{uid}/statement"}
    assert silent == {"/setup", "/welcome", "/sign-in", "/sign-out", "/language", "/me/password", *answers}


@pytest.mark.parametrize(
    ("path", "first", "second", "told"),
    [
        ("/nodes/2/title", {"new_title": "Heart", "seen": "Core"}, {"new_title": "Kernel", "seen": "Core"},
         "title: 'Core' → 'Heart'"),
        ("/nodes/3/settings", {"setting": "ci.timeout", "setting_value": "60", "seen_here": "0", "seen": "3600"},
         {"setting": "ci.timeout", "setting_value": "90", "seen_here": "0", "seen": "3600"}, "ci.timeout: – → '60'"),
        ("/projects/3/repository", {"kind": "gitlab", "url": "https://git.bank.example/a", "poll": "0"},
         {"kind": "gitlab", "url": "https://git.bank.example/b", "poll": "0", "seen_kind": "gitlab",
          "seen_url": "https://git.bank.example/posting.git", "seen_branch": "", "seen_poll": "0"},
         "url: 'https://git.bank.example/posting.git' → 'https://git.bank.example/a'"),
    ],
)  # fmt: skip
def test_the_second_of_two_tabs_is_told_what_changed_meanwhile(bank, path, first, second, told):
    browser = bank.browser("mei")
    assert browser.post(path, **first).status_code == 303
    answer = browser.post(path, **second)
    assert answer.status_code == 409
    notice = html.unescape(answer.text).partition('role="alert">')[2].partition("</p>")[0]
    assert told in notice.replace("\u2068", "").replace("\u2069", "")
    typed = next(second[name] for name in ("new_title", "setting_value", "url") if name in second)
    assert f'value="{typed}"' in answer.text


def test_a_form_of_another_session_is_shown_again_with_what_was_typed(bank):
    answer = bank.browser("mei").post("/tree", kind="system", parent="2", name="clearing", csrf="of-before")
    assert answer.status_code == 403
    assert 'value="clearing"' in answer.text
    assert "clearing" not in bank.browser("mei").ask("GET", "/tree").text


def test_a_session_that_ended_is_said_where_one_signs_in(bank):
    browser = bank.browser("mei")
    with bank.store.change() as tx:
        tx.sessions.remove_all(1)
    referer = {"Referer": f"{browser.here}/tree?below=2"}
    answer = browser.ask("POST", "/tree", data={"kind": "system", "name": "x"}, headers=referer)
    assert answer.status_code == 401
    assert "Your session has ended, so nothing was changed." in answer.text
    assert 'name="next" value="/tree?below=2"' in answer.text
