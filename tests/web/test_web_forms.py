"""Forms that are refused keep what was typed, and nobody is offered what they may not do."""

from __future__ import annotations

import re

import pytest
from web_simulators import Browser
from web_structure import flaws

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.job import State
from plumbline.web.words import duration


def fields_of(page):
    """Name -> value of every text that is filled in."""
    found = dict(re.findall(r'<input name="(\w+)"[^>]*? value="([^"]*)"', page))
    return found | dict(re.findall(r'<textarea name="(\w+)"[^>]*>([^<]*)', page))


def refusing(desk, act, code="name-taken"):
    def refuse(*_, **__):
        raise PlumblineError(code, t("There is no person."), t("Choose a kind."), kind=ErrorKind.REFUSED)

    setattr(desk, act, refuse)


@pytest.mark.parametrize(
    ("path", "page", "act", "typed"),
    [
        ("/tree", "/tree", "add_node", {"kind": "project", "parent": "2", "name": "a-b", "title": "<A> B", "url": "u"}),
        ("/projects/3/run", "/projects/3", "run", {"ref": "late", "variables": "A=1"}),
        (
            "/projects/3/repository",
            "/projects/3/settings",
            "bind",
            {"kind": "gitea", "url": "https://git.bank/x", "poll": "60", "branch": "trunk"},
        ),
        ("/nodes/3/title", "/projects/3/settings", "rename", {"new_title": "Another"}),
        (
            "/projects/3/schedules",
            "/projects/3/schedules",
            "put_schedule",
            {"title": "Night", "cron": "x", "time_zone": "Mars", "ref": "r"},
        ),
        ("/nodes/3/variables", "/projects/3/settings", "put_variable", {"name": "A", "value": "b", "scope": "c"}),
        ("/nodes/2/variables", "/nodes/2", "put_variable", {"name": "A", "value": "b", "scope": "c"}),
        ("/installation/variables", "/installation", "put_variable", {"name": "A", "value": "b", "scope": "c"}),
        ("/people", "/people", "add_person", {"name": "mei", "title": "Mei", "email": "m@bank.example"}),
        ("/people/2/grant", "/people/2", "grant", {"role": "operator", "node": "2"}),
        ("/me/tokens", "/me", "make_token", {"name": "ci", "scope": "run", "days": "7"}),
        ("/me/password", "/me", "change_password", {"old": "secret one", "new": "secret two"}),
    ],
)
def test_a_form_that_is_refused_keeps_what_was_typed(desk, path, page, act, typed):
    browser = Browser(desk).sign_in("mei")
    refusing(desk, act)
    answer = browser.post(path, **typed)
    assert answer.status_code == 409
    assert "There is no person.<br>Choose a kind." in answer.text
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


def test_what_nobody_may_do_is_no_matter_of_the_form(desk):
    answer = Browser(desk).sign_in("omar").post("/tree", kind="project", parent="2", name="x")
    assert answer.status_code == 403
    assert "Which role may do what" in answer.text
    assert desk.refusals == [("page tree", "not-allowed")]


def test_a_project_whose_repository_was_refused_is_not_sent_again(desk):
    refusing(desk, "bind", "repository-bound")
    answer = Browser(desk).sign_in("mei").post("/tree", kind="project", parent="2", name="new", url="u")
    assert answer.status_code == 409
    assert "bank/core/new is there now, but without a repository: There is no person." in answer.text
    assert "Nothing was changed" not in answer.text


def test_variables_that_are_none_are_refused_on_their_form(desk):
    answer = Browser(desk).sign_in("mei").post("/projects/3/run", ref="main", variables="A=1 B")
    assert answer.status_code == 422
    assert fields_of(answer.text)["variables"] == "A=1 B"


def test_a_password_that_was_changed_is_said(desk):
    browser = Browser(desk).sign_in("mei")
    answer = browser.post("/me/password", old="a", new="b")
    assert "The password is changed" in browser.ask("GET", answer.headers["location"]).text


def test_who_has_no_role_is_told_what_to_do(desk):
    desk.held = [one for one in desk.held if one.person != 2]
    browser = Browser(desk).sign_in("omar")
    for place in ("/", "/tree"):
        page = browser.ask("GET", place).text
        assert "You have no role yet" in page
        assert "Add your organisation" not in page


def test_a_viewer_is_offered_nothing_that_changes_anything(desk):
    desk.add_pipeline(3, {"build": "build"})
    browser = Browser(desk).sign_in("omar")
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
        assert '<form method="post"' not in page, place
        assert "Add something" not in page


def test_who_adds_projects_below_a_branch_chooses_among_what_stands_there(desk):
    desk.node("system", "bank/cards", "Cards")
    desk.person("max", "maintainer", node=2)
    page = Browser(desk).sign_in("max").ask("GET", "/tree").text
    parents = re.search(r'<select name="parent".*?</select>', page, re.DOTALL)[0]
    assert re.findall(r'<option value="(\d*)"', parents) == ["", "2"]
    assert re.findall(r'<option value="(\w+)"', re.search(r'<select name="kind".*?</select>', page)[0]) == ["project"]


def test_the_wall_draws_many_projects_small_and_what_failed_first(desk):
    for number in range(50):
        desk.node("system", f"bank/s{number}", f"System {number}")
        project = desk.node("project", f"bank/s{number}/service", f"Service {number}")
        if number % 25 == 7:
            desk.end(desk.add_pipeline(project.id, {"build": "build"}).id, "build", "failed", exit_code=1)
    page = Browser(desk).sign_in("mei").ask("GET", "/?kiosk=1").text
    assert page.count('class="estate"') == 1  # one group for the systems of the bank, none for each
    assert 'class="walls dense"' in page
    alarms = page.partition("alarms")[2].partition("</section>")[0]
    assert re.findall(r"<strong>(.*?)</strong>", alarms) == ["Service 32", "Service 7"]
    assert "System 32" in alarms


def test_a_pipeline_that_passed_with_a_failure_that_was_allowed_is_so_everywhere(desk):
    one = desk.add_pipeline(3, {"build": "build", "scan": "build"})
    for name in ("build", "scan"):
        desk.begin(one.id, name)
    desk.end(one.id, "scan", State.FAILED, exit_code=1, allowed=True)
    desk.end(one.id, "build")
    browser = Browser(desk).sign_in("mei")
    for place in ("/", "/?kiosk=1", "/tree", "/pipelines", "/projects/3", f"/pipelines/{one.id}"):
        page = browser.ask("GET", place).text.partition("<main")[2]
        assert "passed with warnings" in page, place
    wall = browser.ask("GET", "/").text
    tile = wall[wall.index('<a class="tile') :].partition("</a>")[0]
    assert 'class="tile s-warned"' in tile
    assert 'aria-label="passed with warnings"' in tile
    browser.post(f"/jobs/{desk.current(one.id)['scan'].id}/retry")
    desk.begin(one.id, "scan")
    desk.end(one.id, "scan")
    for place in ("/", "/pipelines", f"/pipelines/{one.id}"):
        assert "with warnings" not in browser.ask("GET", place).text, place


def test_lengths_are_no_times_of_day():
    seconds = (0.4, 9.96, 59.4, 59.6, 185, 3723, 90_000)
    said = [duration(one * 1_000_000) for one in seconds]
    assert said == ["0.4 s", "10 s", "59 s", "1m 00s", "3m 05s", "1h 02m", "25h 00m"]


def test_jobs_that_failed_stand_first_in_the_table(desk):
    one = desk.add_pipeline(3, dict.fromkeys(("a", "b", "c", "d"), "build"))
    desk.end(one.id, "c", "failed", exit_code=1)
    page = Browser(desk).sign_in("mei").ask("GET", f"/pipelines/{one.id}").text
    assert re.findall(r'<a class="strong" href="/jobs/\d+">(\w)</a>', page) == ["c", "a", "b", "d"]
