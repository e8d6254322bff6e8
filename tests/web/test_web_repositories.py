"""Credentials of private repositories and the secrets of webhooks on the pages, over a real store."""

from __future__ import annotations

import re

import pytest
from test_web_pages import Browser

from plumbline.flow.serving import secret_place, set_up_link
from plumbline.web import server_desk
from plumbline.wiring_server import OpenServer, ServerSettings

PASSWORD = "quiet harbour morning"
TOKEN = "glpat-0123456789abcdef"
SIGNING_TOKEN = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
def server(tmp_path):
    with OpenServer(ServerSettings(data=str(tmp_path / "data"))) as opened:
        yield opened


@pytest.fixture
def browser(server):
    """Of an administrator, with a bank and a project in it."""
    made = Browser(server_desk(server.tools, "https://plumb.bank.example"))
    answer = made.ask("POST", "/setup", data={"link": set_up_link(server.tools), "name": "ada", "password": PASSWORD})
    made.cookies = {"plumbline_session": answer.cookies["plumbline_session"]}
    made.post("/tree", kind="organisation", name="bank", title="Harbour Bank")
    made.post("/tree", kind="project", parent="1", name="core", url="https://gitlab.bank.example/pay/core.git")
    return made


def put(browser, node, **fields):
    given = {"scheme": "https", "host": "gitlab.bank.example", "username": "deploy", "secret": TOKEN, **fields}
    return browser.post(f"/nodes/{node}/repository-credentials", **given)


def test_a_credential_is_set_seen_below_and_removed_and_never_shown(browser):
    answer = put(browser, 1)
    assert (answer.status_code, answer.headers["location"]) == (303, "/nodes/1#repository-credentials")
    for page, place in (("/nodes/1", "here"), ("/projects/2/settings", "bank")):
        text = browser.ask("GET", page).text
        assert "https://gitlab.bank.example</code>" in text
        assert "<code>deploy</code>" in text
        assert f">{place}</td>" in text
        assert TOKEN not in text
    remove = "/nodes/{}/repository-credentials/remove"
    assert remove.format(1) in browser.ask("GET", "/nodes/1").text
    assert remove.format(2) not in browser.ask("GET", "/projects/2/settings").text  # only where it is set
    assert put(browser, 2, username="").headers["location"] == "/projects/2/settings#repository-credentials"
    assert remove.format(2) in browser.ask("GET", "/projects/2/settings").text
    gone = browser.post(remove.format(1), scheme="https", host="gitlab.bank.example")
    assert gone.status_code == 303
    assert "https://gitlab.bank.example</code>" not in browser.ask("GET", "/nodes/1").text


def test_what_cannot_work_is_told_without_the_secret(browser):
    for fields in ({"scheme": "ftp"}, {"scheme": "ssh"}, {"host": "https://x"}, {"secret": f"{TOKEN}\nx"}):
        answer = put(browser, 1, **fields)
        assert answer.status_code == 422, fields
        assert TOKEN not in answer.text


def test_who_may_not_write_variables_sets_none(browser, server):
    page = browser.post("/people", name="omar", title="Omar").text
    name, key = re.search(r"/welcome\?name=(\w+)&amp;key=([\w-]+)", page).groups()
    omar = Browser(server_desk(server.tools))
    answer = omar.ask("POST", "/welcome", data={"name": name, "link": key, "password": PASSWORD})
    omar.cookies = {"plumbline_session": answer.cookies["plumbline_session"]}
    browser.post("/people/2/grant", role="viewer", node="1")
    assert put(omar, 1).status_code == 403
    assert omar.post("/projects/2/webhook").status_code == 403
    text = omar.ask("GET", "/projects/2/settings").text
    assert "/nodes/2/repository-credentials" not in text
    assert "/hooks/" not in text


def test_the_webhook_has_an_address_and_a_secret_that_is_shown_once(browser, server):
    def secret():
        with server.tools.store.view() as records:
            return server.tools.vault.open(records.bindings.get(2).secret, secret_place(2)).decode()

    settings = "/projects/2/settings"
    assert "https://plumb.bank.example/hooks/git/2" in browser.ask("GET", settings).text
    browser.post("/projects/2/repository", kind="gitlab", url="https://gitlab.bank.example/pay/core.git")
    text = browser.ask("GET", settings).text
    assert "https://plumb.bank.example/hooks/gitlab/2" in text
    assert "<option selected>gitlab</option>" in text
    shown = browser.post("/projects/2/webhook").text
    assert secret() in shown
    assert secret() not in browser.ask("GET", settings).text
    assert browser.post("/projects/2/webhook", signing_token=f" {SIGNING_TOKEN} ").status_code == 303
    assert secret() == SIGNING_TOKEN
    assert SIGNING_TOKEN not in browser.ask("GET", settings).text
    assert browser.post("/projects/2/webhook", signing_token="whsec_x").status_code == 422
    assert secret() == SIGNING_TOKEN
    browser.post("/tree", kind="project", parent="1", name="bare")
    assert browser.post("/projects/3/webhook").status_code == 404
    assert browser.ask("GET", "/projects/3/settings").status_code == 200
