"""Settings of nodes on their pages, over a real store."""

from __future__ import annotations

import json
import re

import msgspec
import pytest
from web_server import add_person, add_project, browser_of

from plumbline.access import SETTINGS
from plumbline.model.change import Event
from plumbline.model.job import State
from plumbline.model.server import Delivery, Outcome

pytestmark = pytest.mark.slow


@pytest.fixture
def browser(browser):
    return add_project(browser)


def somebody(server, name, role):
    add_person(server, name, role, node=1, title=name.title())
    return browser_of(server, name)


def put(browser, node, key, value):
    return browser.post(f"/nodes/{node}/settings", setting=key, setting_value=value)


def row(browser, page, key):
    text = browser.ask("GET", page).text
    return re.search(rf'<div id="setting-{re.escape(key)}"[^>]*>(.*?)</div>', text, re.DOTALL)[1]


def kept(server, node):
    with server.tools.units.store.view() as tx:
        return dict(tx.tree.get(node).settings)


def test_every_setting_stands_on_the_page_of_every_node(browser):
    for page in ("/nodes/1/settings", "/projects/2/settings"):
        for key in SETTINGS:
            assert "default" in row(browser, page, key)
            assert "<form" in row(browser, page, key)  # an administrator may change them all


def test_what_is_set_above_holds_below_and_says_where_it_comes_from(browser, server):
    answer = put(browser, 1, "ci.protected_refs", "release/*\r\n\r\n hotfix/* \r\n")
    assert (answer.status_code, answer.headers["location"]) == (303, "/nodes/1/settings#settings")
    assert kept(server, 1) == {"ci.protected_refs": ["release/*", "hotfix/*"]}
    below = row(browser, "/projects/2/settings", "ci.protected_refs")
    assert "release/*, hotfix/*" in below
    assert "set at bank" in below
    assert "settings/remove" not in below
    assert put(browser, 2, "ci.protected_refs", "").headers["location"] == "/projects/2/settings#settings"
    own = row(browser, "/projects/2/settings", "ci.protected_refs")
    assert "none" in own
    assert "set here" in own
    browser.post("/nodes/2/settings/remove", setting="ci.protected_refs")
    assert row(browser, "/projects/2/settings", "ci.protected_refs") == below


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("ci.timeout", " 900 ", 900),
        ("ci.auto_cancel", "false", False),
        ("ci.fork_merge_requests", "true", True),
        ("ci.isolation", "bwrap", "bwrap"),
        ("ci.config_path", " ci/main.yml ", "ci/main.yml"),
        ("repository.hosts", "git.bank.example", ["git.bank.example"]),
    ],
)
def test_each_kind_is_set_from_its_form_and_shown_in_it(browser, server, key, text, value):
    assert put(browser, 2, key, text).status_code == 303
    assert kept(server, 2) == {key: value}
    shown = row(browser, "/projects/2/settings", key)
    assert "set here" in shown
    assert put(browser, 2, key, text).status_code == 303  # the same again is no change
    with server.tools.units.store.view():
        told = [json.loads(one.body) for one in server.tools.ledger.ledger.read() if "node.changed" in one.type]
    changes = [one["subject"]["content"]["settings"] for one in told if "settings" in one["subject"]["content"]]
    assert changes == [[{"key": key, "after": value}]]


@pytest.mark.parametrize(
    ("key", "text"),
    [("ci.timeout", "an hour"), ("ci.timeout", "5"), ("ci.auto_cancel", "maybe"), ("ci.isolation", "x")],
)
def test_what_is_no_value_is_told_beside_what_was_typed(browser, server, key, text):
    answer = put(browser, 2, key, text)
    assert answer.status_code == 422
    assert f"for &#39;{key}&#39;" in answer.text
    shown = re.search(rf'<div id="setting-{key}"[^>]*>(.*?)</div>', answer.text, re.DOTALL)[1]
    assert "<details open>" in shown
    assert answer.text.count("<details open>") == 1
    assert kept(server, 2) == {}


def test_a_setting_that_there_is_not_is_refused_and_one_of_an_older_version_can_be_removed(browser, server):
    assert put(browser, 2, "ci.colour", "red").status_code == 422
    with server.tools.units.store.change() as tx:
        node = tx.tree.get(2)
        tx.tree.save(msgspec.structs.replace(node, settings={"ci.colour": "red", "ci.timeout": "soon"}))
    text = browser.ask("GET", "/projects/2/settings").text
    assert "Of an older version, and without effect" in text
    assert "default" in row(browser, "/projects/2/settings", "ci.timeout")
    for key in ("ci.colour", "ci.timeout"):
        assert browser.post("/nodes/2/settings/remove", setting=key).status_code == 303
    assert kept(server, 2) == {}


def test_who_may_what(browser, server):
    mia = somebody(server, "mia", "maintainer")
    assert put(mia, 2, "ci.timeout", "900").status_code == 303
    assert put(mia, 2, "ci.isolation", "none").status_code == 403
    assert put(mia, 2, "repository.hosts", "evil.example").status_code == 403
    assert "<form" not in row(mia, "/projects/2/settings", "repository.hosts")
    omar = somebody(server, "omar", "viewer")
    assert "900" in row(omar, "/projects/2/settings", "ci.timeout")
    assert "<form" not in row(omar, "/projects/2/settings", "ci.timeout")
    assert put(omar, 2, "ci.timeout", "60").status_code == 403
    assert kept(server, 2) == {"ci.timeout": 900}


def test_a_title_is_changed_and_a_project_goes_into_the_archive_and_back(browser, server):
    assert (
        browser.post("/nodes/2/title", new_title=" Core banking ").headers["location"] == "/projects/2/settings#general"
    )
    assert "<h1>Core banking</h1>" in browser.ask("GET", "/projects/2").text
    assert browser.post("/nodes/2/title", new_title="x" * 256).status_code == 422
    assert browser.post("/nodes/1/archive", archived="1").headers["location"] == "/nodes/1/settings#general"
    text = browser.ask("GET", "/projects/2/settings").text
    assert "&#39;bank&#39; is archived, and with it all that is below." in text
    assert "/nodes/2/title" not in text
    assert put(browser, 2, "ci.timeout", "60").status_code == 403
    assert "Unarchive" in browser.ask("GET", "/nodes/1/settings").text
    browser.post("/nodes/1/archive", archived="0")
    assert put(browser, 2, "ci.timeout", "60").status_code == 303
    mia = somebody(server, "mia", "developer")
    assert mia.post("/nodes/2/archive", archived="1").status_code == 403
    assert mia.post("/nodes/2/title", new_title="Mine").status_code == 403


def test_how_a_repository_is_looked_at(browser, server):
    address = "https://gitlab.bank.example/pay/core.git"
    fields = {"kind": "gitlab", "url": address, "poll": "300", "branch": "trunk"}
    assert browser.post("/projects/2/repository", **fields).status_code == 303
    with server.tools.units.store.view() as tx:
        kept = tx.bindings.get(2)
    assert (kept.kind, kept.url, kept.poll, kept.default_branch) == ("gitlab", address, 300, "trunk")
    text = browser.ask("GET", "/projects/2/settings").text
    assert 'value="300"' in text
    assert 'value="trunk"' in text
    for wrong in ("-1", "86401", "soon"):
        assert browser.post("/projects/2/repository", **{**fields, "poll": wrong}).status_code == 422, wrong


def test_what_forges_told_stands_on_the_page(browser, server):
    assert "Nothing yet. What was refused" in browser.ask("GET", "/projects/2/settings").text
    told = Delivery(forge="gitlab", name="x", project=2, received=1, event="merge_request", ref="x")
    shown = {
        "a merge request of another repository": {"outcome": Outcome.FORK, "settled": 1},
        "it waits for its turn": {"name": "y"},
        "put off, and tried again": {"name": "z", "tries": 1, "message": "no answer within 60 seconds"},
        "no answer within 60 seconds": {
            "name": "w",
            "outcome": Outcome.FAILED,
            "message": "no answer within 60 seconds",
        },
        "the forge may send it again": {"name": "v", "outcome": Outcome.FAILED},
        "no pipeline": {"name": "u", "outcome": Outcome.NOTHING},
        "something else, for the ledger": {"name": "t", "event": "other", "outcome": Outcome.NOTHING},
    }
    for text, fields in shown.items():
        with server.tools.units.store.change() as tx:
            tx.deliveries.add(msgspec.structs.replace(told, **fields))
        assert text in browser.ask("GET", "/projects/2/settings").text


def test_a_schedule_is_paused_goes_on_and_tells_whose_it_is(browser, server):
    browser.post("/projects/2/schedules", title="Nightly", cron="30 2 * * *", time_zone="UTC")
    page = "/projects/2/schedules"
    text = browser.ask("GET", page).text
    assert '<td data-label="Runs as">Ada</td>' in text
    browser.post(f"{page}/switch", schedule="1", active="0")
    assert '<span class="tag">paused</span>' in browser.ask("GET", page).text
    mia = somebody(server, "mia", "maintainer")
    mia.post(f"{page}/switch", schedule="1", active="1")
    assert '<td data-label="Runs as">Mia</td>' in browser.ask("GET", page).text
    browser.post("/people/2/active", active="0")
    assert "may not start pipelines here any more" in browser.ask("GET", page).text
    assert browser.post(f"{page}/play", schedule="1").status_code == 503  # the repository cannot be reached
    assert browser.post(f"{page}/play", schedule="9").status_code == 404


def test_a_branch_is_as_its_newest_pipeline_that_is_no_child(bank):
    whole = bank.add_pipeline(3, {"build": "build"})
    bank.end(whole.id, "build", State.FAILED, exit_code=1)
    child = bank.add_pipeline(3, {"build": "build"}, upstream=1, event=Event.PARENT)
    bank.end(child.id, "build")
    text = bank.browser("mei").ask("GET", "/projects/3").text
    chips = re.search(r'<ul class="chips">(.*?)</ul>', text, re.DOTALL)[1]
    assert ("i-failed" in chips or "failed" in chips, "success" in chips) == (True, False)
