"""Settings of nodes on their pages, over a real store."""

from __future__ import annotations

import json
import re

import msgspec
import pytest
from web_estate import administrator, invited

from plumbline.access import SETTINGS
from plumbline.wiring_server import OpenServer, ServerSettings


@pytest.fixture
def server(tmp_path):
    with OpenServer(ServerSettings(data=str(tmp_path / "data"))) as opened:
        yield opened


@pytest.fixture
def browser(server):
    return administrator(server)


def put(browser, node, key, value):
    return browser.post(f"/nodes/{node}/settings", setting=key, setting_value=value)


def row(browser, page, key):
    text = browser.ask("GET", page).text
    return re.search(rf'<div id="setting-{re.escape(key)}">(.*?)</div>', text, re.DOTALL)[1]


def kept(server, node):
    with server.tools.store.view() as records:
        return dict(records.tree.get(node).settings)


def test_every_setting_stands_on_the_page_of_every_node(browser):
    for page in ("/nodes/1", "/projects/2/settings"):
        for key in SETTINGS:
            assert "default" in row(browser, page, key)
            assert "<form" in row(browser, page, key)  # an administrator may change them all


def test_what_is_set_above_holds_below_and_says_where_it_comes_from(browser, server):
    answer = put(browser, 1, "ci.protected_refs", "release/*\r\n\r\n hotfix/* \r\n")
    assert (answer.status_code, answer.headers["location"]) == (303, "/nodes/1#settings")
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
    with server.tools.store.view():
        told = [json.loads(one.body) for one in server.tools.ledger.read() if "node.changed" in one.type]
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
    shown = re.search(rf'<div id="setting-{key}">(.*?)</div>', answer.text, re.DOTALL)[1]
    assert "<details open>" in shown
    assert answer.text.count("<details open>") == 1
    assert kept(server, 2) == {}


def test_a_setting_that_there_is_not_is_refused_and_one_of_an_older_version_can_be_removed(browser, server):
    assert put(browser, 2, "ci.colour", "red").status_code == 422
    with server.tools.store.change() as records:
        node = records.tree.get(2)
        records.tree.save(msgspec.structs.replace(node, settings={"ci.colour": "red", "ci.timeout": "soon"}))
    text = browser.ask("GET", "/projects/2/settings").text
    assert "Of an older version, and without effect" in text
    assert "default" in row(browser, "/projects/2/settings", "ci.timeout")
    for key in ("ci.colour", "ci.timeout"):
        assert browser.post("/nodes/2/settings/remove", setting=key).status_code == 303
    assert kept(server, 2) == {}


def test_who_may_what(browser, server):
    mia = invited(server, browser, "mia", "maintainer")
    assert put(mia, 2, "ci.timeout", "900").status_code == 303
    assert put(mia, 2, "ci.isolation", "none").status_code == 403
    assert put(mia, 2, "repository.hosts", "evil.example").status_code == 403
    assert "<form" not in row(mia, "/projects/2/settings", "repository.hosts")
    omar = invited(server, browser, "omar", "viewer")
    assert "900" in row(omar, "/projects/2/settings", "ci.timeout")
    assert "<form" not in row(omar, "/projects/2/settings", "ci.timeout")
    assert put(omar, 2, "ci.timeout", "60").status_code == 403
    assert kept(server, 2) == {"ci.timeout": 900}
