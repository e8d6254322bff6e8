"""The pages from the set-up link to a token."""

from __future__ import annotations

import html
import re

from web_server import PASSWORD, Browser, add_person, browser_of

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.server import Binding


def test_from_an_empty_installation_to_a_project_with_its_settings(browser):
    assert "The wall is empty" in browser.ask("GET", "/").text
    assert browser.post("/tree", kind="organisation", name="bank", title="Harbour Bank").status_code == 303
    made = browser.post("/tree", kind="project", parent="1", name="posting", url="https://git.example/posting.git")
    project = made.headers["location"]
    assert project == "/projects/2/connection"
    project = "/projects/2"
    assert browser.post("/nodes/2/variables", name="TOKEN", value="s3cret-value", masked="1").status_code == 303
    settings = browser.ask("GET", f"{project}/settings").text
    assert "TOKEN" in settings
    assert "s3cret-value" not in settings
    assert browser.post(f"{project}/schedules", title="Nightly", cron="30 2 * * *", time_zone="UTC").status_code == 303
    assert "Nightly" in browser.ask("GET", f"{project}/schedules").text
    assert browser.post(f"{project}/schedules", title="x", cron="often", time_zone="UTC").status_code == 422
    for place in ("/", "/tree", "/nodes/1", project, "/pipelines", "/runners", "/people", "/me", "/roles"):
        assert browser.ask("GET", place).status_code == 200, place
    for place in ("/projects/77", "/pipelines/77", "/jobs/77", "/jobs/77/lines", "/ledger/777"):
        assert browser.ask("GET", place).status_code == 404, place


def test_a_project_is_added_with_its_repository_or_not_at_all(browser):
    browser.post("/tree", kind="organisation", name="bank")
    url = "https://git.example/posting.git"
    assert browser.post("/tree", kind="project", parent="1", name="posting", url=url).status_code == 303
    again = browser.post("/tree", kind="project", parent="1", name="other", url=url)
    assert again.status_code == 409
    assert 'value="other"' in again.text
    assert f'value="{url}"' in again.text
    wrong = browser.post("/tree", kind="project", parent="1", name="other", url="nonsense")
    assert wrong.status_code == 422
    assert "bank/other" not in browser.ask("GET", "/tree").text
    assert browser.post("/tree", kind="project", parent="1", name="other").status_code == 303


def test_people_are_invited_and_see_only_what_they_may(browser, server):
    browser.post("/tree", kind="organisation", name="bank")
    page = browser.post("/people", name="omar", title="Omar").text
    name, key = re.search(r"/welcome\?name=(\w+)&amp;key=([\w-]+)", page).groups()
    omar = Browser(server)
    omar.enter("/welcome", name=name, link=key)
    assert "You have no role yet" in omar.ask("GET", "/").text
    assert omar.ask("GET", "/ledger").status_code == 403
    assert omar.ask("GET", "/nodes/1").status_code == 404
    assert browser.post("/people/2/grant", role="viewer", node="1").status_code == 303
    assert omar.ask("GET", "/nodes/1").status_code == 200
    assert omar.post("/tree", kind="branch", parent="1", name="hk").status_code == 403
    refused = [entry for entry in server.tools.ledger.ledger.read() if b"not-allowed" in entry.body]
    assert refused


def key_of(page):
    return re.search(r"/welcome\?name=\w+&amp;key=([\w-]+)", page).group(1)


def test_who_lost_the_invitation_or_the_password_gets_a_new_link(browser, server):
    first = key_of(browser.post("/people", name="omar").text)
    assert "New invitation link" in browser.ask("GET", "/people/2").text
    second = key_of(browser.post("/people/2/invitation").text)
    omar = Browser(server)

    def accept(key, password):
        return omar.ask("POST", "/welcome", data={"name": "omar", "link": key, "password": password})

    assert accept(first, PASSWORD).status_code == 422
    omar.cookies = dict(accept(second, PASSWORD).cookies)
    page = browser.ask("GET", "/people/2").text
    assert "New invitation link" not in page
    assert "Link for a new password" in page
    third = key_of(browser.post("/people/2/invitation").text)
    assert "is good until" in browser.ask("GET", "/people/2").text
    assert third not in browser.ask("GET", "/people/2").text
    assert omar.ask("GET", "/").status_code == 200
    assert omar.post("/people/1/invitation").status_code == 403
    assert accept(third, "another harbour morning").status_code == 303
    assert omar.ask("GET", "/").status_code == 303  # the session from before has ended
    made = [entry for entry in server.tools.ledger.ledger.read() if "person.invited" in entry.type]
    assert [entry.subject for entry in made] == ["omar"] * 3
    assert all(b'"by":"ada"' in entry.body for entry in made)


def test_nobody_makes_a_link_for_themselves_or_for_who_is_switched_off(browser):
    browser.post("/people", name="omar")
    browser.post("/people/2/active", active="0")
    assert "/people/2/invitation" not in browser.ask("GET", "/people/2").text
    refused = browser.post("/people/2/invitation")
    assert refused.status_code == 409
    assert "omar is deactivated." in refused.text
    assert "/people/1/invitation" not in browser.ask("GET", "/people/1").text
    assert browser.post("/people/1/invitation").status_code == 403
    assert browser.post("/people/7/invitation").status_code == 404


def next_of(page):
    return html.unescape(re.search(r'name="next" value="([^"]*)"', page.partition("<main")[0]).group(1))


def test_whoever_changes_the_language_keeps_the_link_and_comes_back_to_a_page(browser, server):
    page = browser.post("/people", name="omar").text
    key = key_of(page)
    shown = [page, browser.post("/people/2/invitation").text, browser.post("/me/tokens", name="ci", days="1").text]
    assert [next_of(one) for one in shown] == ["/people", "/people/2", "/me"]
    omar = Browser(server)
    for answer in (
        omar.ask("GET", f"/welcome?name=omar&key={key}"),
        omar.ask("POST", "/welcome", data={"name": "omar", "link": key, "password": "weak"}),
    ):
        place = next_of(answer.text)
        changed = omar.ask("POST", "/language", data={"language": "zh_CN", "next": place}).headers["location"]
        assert changed == f"/welcome?name=omar&key={key}"
        assert key in omar.ask("GET", changed).text


def test_the_rails_lead_nowhere_that_is_refused(browser, server):
    browser.post("/tree", kind="organisation", name="bank")
    for name, role, node in (("omar", "developer", "1"), ("iris", "auditor", "0"), ("hu", "assessor", "1")):
        person = add_person(server, name)
        assert browser.post(f"/people/{person.id}/grant", role=role, node=node).status_code == 303
        other = browser_of(server, name)
        rails = [re.search(r'<nav class="rail.*?</nav>', other.ask("GET", path).text, re.DOTALL).group()
                 for path in ("/", "/nodes/1", "/roles")]  # fmt: skip
        places = {place for rail in rails for place in re.findall(r'href="(/[^"]*)"', rail)}
        assert {"/tree", "/roles", "/nodes/1"} <= places
        for place in places:
            if not place.startswith("/api/"):
                assert other.ask("GET", place).status_code == 200, (name, place)


def test_a_password_in_an_address_is_kept_and_not_shown(browser, server):
    browser.post("/tree", kind="organisation", name="bank")
    browser.post("/tree", kind="project", parent="1", name="posting")
    address = "https://ada:s3cret@git.example/posting.git"
    with server.tools.units.store.change() as tx:
        tx.bindings.put(Binding(project=2, kind="git", url=address))
    page = browser.ask("GET", "/projects/2/settings").text
    assert "s3cret" not in page
    assert "https://git.example/posting.git" in page


def test_a_way_back_is_never_one_to_another_site(browser):
    for referer in ("http://evil.example//plumb.test/x", "http://plumb.test//evil.example/", "http://plumb.test/tree"):
        page = browser.ask("POST", "/tree", data={"csrf": "wrong"}, headers={"Referer": referer}).text
        backs = re.findall(r'href="([^"]*)"', page)
        assert not [link for link in backs if "evil" in link]


def test_tokens_are_shown_once_and_the_ledger_proves_each_entry(browser, server):
    made = browser.post("/me/tokens", name="ci", scope="run", days="30").text
    [token] = re.findall(r"plumb_\w+_\w{43}", made)[:1]
    assert token not in browser.ask("GET", "/me").text
    assert "ci" in browser.ask("GET", "/me").text
    ledger = browser.ask("GET", "/ledger").text
    assert "hold" in ledger
    for seq in range(1, server.tools.ledger.ledger.size() + 1):
        assert "The proof holds" in browser.ask("GET", f"/ledger/{seq}").text
        [entry] = server.tools.ledger.ledger.read(seq, 1)
        assert browser.ask("GET", f"/ledger/{seq}/raw").content == entry.body
        assert token.encode()[-43:] not in entry.body


def test_the_palette_finds_what_has_a_name_or_a_number(browser):
    browser.post("/tree", kind="organisation", name="bank")
    browser.post("/tree", kind="project", parent="1", name="posting")
    paths = [one["path"] for one in browser.ask("GET", "/resolve?q=post").json()]
    assert paths[0] == "/projects/2"
    assert {"path": "/ledger/1", "kind": "Ledger", "title": "1", "detail": ""} in browser.ask(
        "GET", "/resolve?q=1"
    ).json()
    assert browser.ask("GET", "/resolve?q=").status_code == 200


def test_language_is_kept_with_the_person(browser, server):
    assert browser.post("/language", language="zh_CN", next="/tree").headers["location"] == "/tree"
    assert 'lang="zh-CN"' in browser.ask("GET", "/tree").text
    assert browser.post("/sign-out").status_code == 303
    assert browser.ask("GET", "/tree").status_code == 303


def test_a_store_that_does_not_answer_is_told_on_a_page(browser, server, monkeypatch):
    def unreachable():
        raise PlumblineError("store-unreachable", t("The database does not answer."), kind=ErrorKind.ENVIRONMENT)

    monkeypatch.setattr(type(server.tools.units.store), "view", lambda _store: unreachable())
    for place in ("/tree", "/sign-in"):
        answer = browser.ask("GET", place)
        assert answer.status_code == 503
        assert "The database does not answer." in answer.text
