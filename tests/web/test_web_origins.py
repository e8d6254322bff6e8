"""What pages of other sites send is refused at every form and by the API, and the cookie stays with this host."""

from __future__ import annotations

import re

import pytest
from web_server import PASSWORD, Browser

from plumbline.api import make_app
from plumbline.flow.people.invitations import set_up_link
from plumbline.http.origins import Origins
from plumbline.web import pages_for
from plumbline.web.every_page import all_pages
from plumbline.wiring.server import OpenServer, ServerSettings

pytestmark = pytest.mark.slow

EVIL = {"Origin": "https://evil.example"}
SAID_NOTHING = {"Origin": ""}
PAGE = "https://plumb.example"
FORMS = sorted({page.path for page in all_pages() if page.method == "POST"})


def ours(url="http://127.0.0.1:8470", *, secure=False, host="plumb.example", **headers):
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Origins(url, secure=secure).ours({"host": host, **given})


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ({}, None),
        ({"origin": "http://plumb.example"}, True),
        ({"origin": "http://PLUMB.example:80"}, True),
        ({"origin": PAGE}, True),  # a proxy speaks HTTPS
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://plumb.example:8080"}, False),
        ({"origin": "http://plumb.example.evil.example"}, False),
        ({"origin": "http://plumb.example@evil.example"}, False),
        ({"origin": "http://evil.example", "referer": "http://plumb.example/sign-in"}, False),
        ({"origin": "http://plumb.example", "sec_fetch_site": "cross-site"}, False),
        ({"origin": "http://evil.example", "sec_fetch_site": "same-origin"}, False),
        ({"origin": "null"}, False),
        ({"origin": "null", "sec_fetch_site": "same-origin"}, True),
        ({"origin": "null", "sec_fetch_site": "cross-site"}, False),
        ({"origin": "null", "sec_fetch_site": "none"}, False),
        ({"origin": "http://["}, False),
        ({"origin": "http://plumb.example:99999999"}, False),
        ({"origin": "file://plumb.example"}, False),
        ({"referer": "http://plumb.example/setup?key=x"}, True),
        ({"referer": "http://evil.example/plumb.example"}, False),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"origin": "http://127.0.0.1:8470"}, True),  # the address of the server itself
    ],
)
def test_what_browsers_say_of_where_a_form_came_from(given, right):
    assert ours(**given) is right


@pytest.mark.parametrize(
    ("origin", "host", "right"),
    [
        (PAGE, "plumb.example", True),
        (PAGE, "127.0.0.1:8470", True),  # a proxy that does not pass the host on, and --url
        ("http://plumb.example", "plumb.example", False),  # whoever is in between made that page
        ("http://127.0.0.1:8470", "127.0.0.1:8470", True),  # on the machine itself
        ("http://localhost:8470", "localhost:8470", True),
        ("https://other.example", "127.0.0.1:8470", False),
    ],
)
def test_a_server_that_is_reached_by_https_takes_no_page_that_came_without(origin, host, right):
    assert ours(PAGE, secure=True, host=host, origin=origin) is right


@pytest.mark.parametrize("said", [EVIL, SAID_NOTHING, {"Origin": "", "Referer": "https://evil.example/"}])
def test_no_form_is_taken_from_another_site_or_from_nowhere(bank, said):
    browser = bank.browser("mei")
    token = browser.ask("GET", "/me").text.partition('name="csrf" value="')[2].partition('"')[0]
    for path in FORMS:
        data = {"csrf": token, "name": "mei", "password": PASSWORD, "link": "x"}
        answer = browser.ask("POST", re.sub(r"\{\w+:int\}", "3", path), data=data, headers=said)
        assert answer.status_code == 403, path
        assert "another site" in answer.text, path
        assert "set-cookie" not in answer.headers


def test_a_stranger_who_names_no_site_is_not_signed_in(bank):
    answer = Browser(bank.server).ask("POST", "/sign-in", data={"name": "mei", "password": PASSWORD}, headers=EVIL)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize("path", ["/session", "/setup", "/invitation"])
def test_the_api_signs_nobody_in_from_another_site(bank, path):
    body = {"name": "mei", "password": PASSWORD, **({"link": "x"} if path != "/session" else {})}
    visitor = Browser(bank.server)
    answer = visitor.ask("POST", f"/api/v1{path}", json=body, headers=EVIL)
    assert (answer.status_code, answer.json()["type"]) == (403, "csrf-token-missing")
    if path == "/session":  # programs say nothing
        assert visitor.ask("POST", f"/api/v1{path}", json=body, headers=SAID_NOTHING).status_code == 201


def test_pages_let_browsers_say_that_a_form_is_theirs(bank):
    for path in ("/sign-in", "/welcome", "/"):
        assert bank.browser("mei").ask("GET", path, follow_redirects=True).headers["referrer-policy"] == "same-origin"


def test_by_https_the_cookie_belongs_to_this_host_alone(tmp_path):
    with OpenServer(ServerSettings(data=str(tmp_path / "data"), url=PAGE)) as server:
        server.app = make_app(server.tools, pages_for(server.tools))
        link, visitor = set_up_link(server.tools.people), Browser(server)
        form = {"link": link, "name": "ada", "title": "Ada", "password": PASSWORD}
        refused = visitor.ask("POST", "/setup", data=form, headers={"Origin": "http://plumb.test"})
        assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
        made = visitor.ask("POST", "/setup", data=form, headers={"Origin": PAGE})
        cookie, of_browser = made.headers.get_list("set-cookie")
        assert of_browser.startswith("__Host-plumbline_browser=1.")
        assert of_browser.endswith("; HttpOnly; SameSite=Strict; Secure")
        name, _, rest = cookie.partition("=")
        secret, *told = rest.split("; ")
        assert name == "__Host-plumbline_session"
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(told)
        assert not [one for one in told if one.startswith("Domain")]
        for sent, status in (({name: secret}, 200), ({"plumbline_session": secret}, 401)):
            for path in ("/live", "/api/v1/me"):
                if (path, status) != ("/live", 200):  # a stream
                    assert Browser(server, **sent).ask("GET", path).status_code == status
        signed_in = visitor.ask("POST", "/api/v1/session", json={"name": "ada", "password": PASSWORD},
                                headers={"Origin": PAGE})  # fmt: skip
        assert signed_in.headers["set-cookie"].startswith("__Host-plumbline_session=")


def test_without_https_the_cookie_still_works(bank):
    visitor = Browser(bank.server)
    visitor.enter("/sign-in", name="mei")
    assert visitor.ask("GET", "/me").status_code == 200
    assert visitor.here.startswith("http:")
