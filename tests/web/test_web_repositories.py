"""Credentials of private repositories and the secrets of webhooks on the pages, over a real store."""

from __future__ import annotations

import pytest
from tests.one_more_forge import NAME, one_more_forge
from web_server import add_person, add_project, browser_of, first_person, opened

from plumbline.flow.tree.bind_repository import secret_place
from plumbline.model.tree import INSTANCE

TOKEN = "glpat-0123456789abcdef"
SIGNING_TOKEN = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
def browser(browser):
    return add_project(browser)


def somebody(server, name, *roles, node=1):
    add_person(server, name, *roles, node=node)
    return browser_of(server, name)


def put(browser, node, **fields):
    given = {"scheme": "https", "host": "gitlab.bank.example", "username": "deploy", "secret": TOKEN, **fields}
    return browser.post(f"/nodes/{node}/repository-credentials", **given)


def test_a_credential_is_set_seen_below_and_removed_and_never_shown(browser):
    answer = put(browser, 1)
    assert (answer.status_code, answer.headers["location"]) == (303, "/nodes/1/settings#repository-credentials")
    for page, place in (("/nodes/1/settings", "here"), ("/projects/2/settings", "bank")):
        text = browser.ask("GET", page).text
        assert "https://gitlab.bank.example</code>" in text
        assert "<code>deploy</code>" in text
        assert f">{place}</td>" in text
        assert TOKEN not in text
    remove = "/nodes/{}/repository-credentials/remove"
    assert remove.format(1) in browser.ask("GET", "/nodes/1/settings").text
    assert remove.format(2) not in browser.ask("GET", "/projects/2/settings").text  # only where it is set
    assert put(browser, 2, username="").headers["location"] == "/projects/2/settings#repository-credentials"
    assert remove.format(2) in browser.ask("GET", "/projects/2/settings").text
    gone = browser.post(remove.format(1), scheme="https", host="gitlab.bank.example")
    assert gone.status_code == 303
    assert "https://gitlab.bank.example</code>" not in browser.ask("GET", "/nodes/1/settings").text


def test_what_is_set_for_the_whole_installation_holds_below_and_is_removed_there_alone(browser, server):
    place = "/installation/repository-credentials"
    given = {"scheme": "https", "host": "gitlab.bank.example", "username": "deploy", "secret": TOKEN}
    assert browser.post(place, **given).headers["location"] == "/installation#repository-credentials"
    assert (
        browser.post("/installation/variables", name="PROXY", value="http://proxy:3128", scope="*").status_code == 303
    )
    page = browser.ask("GET", "/installation").text
    assert "PROXY" in page
    assert "https://gitlab.bank.example</code>" in page
    assert TOKEN not in page
    for below in ("/nodes/1/settings", "/projects/2/settings"):
        text = browser.ask("GET", below).text
        assert ">everywhere</td>" in text
        assert f'action="{place}' not in text
    with server.tools.units.store.view() as tx:
        assert [one.name for one in tx.variables.at([INSTANCE])] == ["PROXY"]
    removed = browser.post(f"{place}/remove", scheme="https", host="gitlab.bank.example")
    assert removed.headers["location"] == "/installation#repository-credentials"
    gone = browser.post("/installation/variables/remove", name="PROXY", scope="*")
    assert gone.headers["location"] == "/installation#variables"
    page = browser.ask("GET", "/installation").text
    assert "PROXY" not in page
    assert "gitlab.bank.example</code>" not in page
    kinds = [entry.type for entry in server.tools.ledger.ledger.read() if '"/:' in entry.body.decode()]
    assert sum("variable" in kind for kind in kinds) == 2
    assert sum("Credential" in kind for kind in kinds) == 2


def test_what_is_wrong_for_the_installation_is_told_on_its_page(browser):
    answer = browser.post("/installation/variables", name="TOKEN", value="short", masked="1")
    assert answer.status_code == 422
    assert "too short to be masked" in answer.text
    assert 'value="TOKEN"' in answer.text
    assert 'action="/installation/variables"' in answer.text
    ssh = browser.post("/installation/repository-credentials", scheme="ssh", host="git.bank.example", secret=TOKEN)
    assert ssh.status_code == 422
    assert 'value="git.bank.example"' in ssh.text
    assert TOKEN not in ssh.text


def test_a_variable_is_masked_unless_somebody_says_otherwise(browser):
    masked = '<input type="checkbox" name="masked" value="1" checked>'
    for page in ("/installation", "/nodes/1/settings", "/projects/2/settings"):
        assert masked in browser.ask("GET", page).text
    kept = browser.post("/nodes/1/variables", name="no name", value="abc")
    assert kept.status_code == 422
    assert masked not in kept.text  # what was chosen stays chosen
    other = browser.post("/nodes/1/repository-credentials", scheme="ssh", host="h")
    assert masked in other.text


def test_the_installation_is_for_those_who_may_see_its_variables(browser, server):
    omar = somebody(server, "omar", "maintainer")
    assert 'href="/installation"' not in omar.ask("GET", "/").text
    assert omar.ask("GET", "/installation").status_code == 403
    assert omar.post("/installation/variables", name="A", value="b").status_code == 403
    iris = somebody(server, "iris", "auditor", node=INSTANCE)
    page = iris.ask("GET", "/installation").text
    assert 'href="/installation"' in page
    assert '<form method="post" action="/installation' not in page
    assert iris.post("/installation/variables", name="A", value="b").status_code == 403
    assert iris.post("/installation/repository-credentials", scheme="https", host="h", secret="s").status_code == 403


def test_what_cannot_work_is_told_without_the_secret(browser):
    for fields in ({"scheme": "ftp"}, {"scheme": "ssh"}, {"host": "https://x"}, {"secret": f"{TOKEN}\nx"}):
        answer = put(browser, 1, **fields)
        assert answer.status_code == 422, fields
        assert TOKEN not in answer.text


def test_who_may_not_write_variables_sets_none(browser, server):
    omar = somebody(server, "omar", "viewer")
    assert put(omar, 1).status_code == 403
    assert omar.post("/projects/2/webhook").status_code == 403
    text = omar.ask("GET", "/projects/2/settings").text
    assert "/nodes/2/repository-credentials" not in text
    assert "/hooks/" not in text


def test_the_webhook_has_an_address_and_a_secret_that_is_shown_once(browser, server):
    def secret():
        with server.tools.units.store.view() as tx:
            return server.tools.tree.vault.open(tx.bindings.get(2).secret, secret_place(2)).decode()

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


def test_the_settings_page_offers_the_forges_on_the_shelf_and_says_how_each_is_set_up(new_folder, tmp_path):
    with one_more_forge(tmp_path / "more"), opened(tmp_path / "data", new_folder) as server:
        browser = add_project(first_person(server))
        assert f"<option>{NAME}</option>" in browser.ask("GET", "/projects/2/settings").text
        answer = browser.post("/projects/2/repository", kind=NAME, url="https://quay.bank.example/core", poll="0")
        assert answer.status_code == 303
        page = browser.ask("GET", "/projects/2/settings").text
        assert f"<option selected>{NAME}</option>" in page
        assert "Moor the webhook at this address." in page
        assert f"/hooks/{NAME}/2</code>" in page
        assert "signing_token" not in page
        assert browser.post("/projects/2/webhook").status_code == 200


def test_a_forge_that_there_is_not_is_refused_with_those_that_there_are(browser):
    answer = browser.post("/projects/2/repository", kind="nowhere", url="https://git.bank.example/core", poll="0")
    assert answer.status_code == 422
    assert "git, gitea, github, gitlab" in answer.text


def test_only_a_forge_that_signs_is_asked_for_its_signing_token(browser):
    for kind, asked in (("gitlab", True), ("gitea", False)):
        browser.post("/projects/2/repository", kind=kind, url="https://git.bank.example/core", poll="0")
        assert ("signing_token" in browser.ask("GET", "/projects/2/settings").text) is asked
