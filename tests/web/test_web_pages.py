"""What pages refuse and what they never contain, without a browser."""

from __future__ import annotations

import re

import pytest
from web_server import PASSWORD, Bank, Browser, opened, refusals
from web_structure import flaws

from plumbline.api import all_routes
from plumbline.flow.people.invitations import set_up_link
from plumbline.model.job import State
from plumbline.web import all_pages

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def busy(bank_folder, tmp_path_factory):
    """Looked at alone, by many tests."""
    folder = tmp_path_factory.mktemp("busy") / "data"
    with opened(folder, bank_folder) as server:
        bank = Bank(server, folder)
        one = bank.add_pipeline(3, {"build": "build", "test": "test", "late": ("test", ("build",))}, message="<b>&")
        bank.write(bank.begin(one.id, "build"), "hello <script>alert(1)</script>\n")
        bank.end(one.id, "build", State.FAILED, exit_code=1)
        yield bank


PLACES = [
    "/",
    "/?kiosk=1",
    "/tree",
    "/nodes/2",
    "/projects/3",
    "/projects/3/run",
    "/nodes/2/pipelines",
    "/projects",
    "/nodes/2/projects",
    "/projects/3/schedules",
    "/projects/3/settings",
    "/pipelines",
    "/pipelines/1",
    "/pipelines/1?view=needs",
    "/jobs/1",
    "/jobs/2",
    "/ledger",
    "/ledger?q=nothing-has-this",
    "/ledger/1",
    "/people",
    "/people/2",
    "/me",
    "/roles",
    "/runners",
    "/installation",
]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_made_in_both_languages_and_keeps_the_content_policy(busy, language):
    browser = busy.browser("mei")
    for place in PLACES:
        answer = browser.ask("GET", place, headers={"Accept-Language": language})
        assert answer.status_code == 200, (place, answer.text[-400:])
        assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in answer.text
        assert flaws(answer.text) == [], place
        assert not re.search(
            r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:|https?://(?!git\.bank)", answer.text
        )
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy


def test_every_command_that_can_be_copied_is_an_operation_of_the_api(busy):
    browser = busy.browser("mei")
    known = [(route.method, re.sub(r"\\{\w+\\}", r"\\d+", re.escape(route.path))) for route in all_routes()]
    asked = []
    for place in PLACES:
        page = browser.ask("GET", place).text
        asked += re.findall(r'copy-command="curl(?: -X (\w+))?[^"]*/api/v1([^?&]*)[^"]*"', page)
    assert len(asked) >= 12
    wrong = [
        (method, path)
        for method, path in asked
        if not any((method or "GET") == way and re.fullmatch(one, path) for way, one in known)
    ]
    assert wrong == []


def test_every_address_needs_somebody_who_is_signed_in(bank):
    browser = Browser(bank.server)
    for page in all_pages():
        if page.open:
            continue
        path = re.sub(r"\{\w+:int\}", "1", page.path)
        answer = browser.ask(page.method, path)
        assert answer.status_code == (303 if page.method == "GET" else 401), path
    for path in ("/live", "/jobs/1/live"):
        assert browser.ask("GET", path).status_code == 401


def test_every_form_needs_the_token_of_its_session(bank):
    browser = bank.browser("mei")
    for page in all_pages():
        if page.method == "POST" and not page.open:
            answer = browser.post(re.sub(r"\{\w+:int\}", "3", page.path), csrf="0" * 64)
            assert answer.status_code == 403, page.path
    assert ("page door", "csrf-token-missing") in refusals(bank.server)


def test_a_form_from_another_site_signs_nobody_in(bank):
    data = {"name": "mei", "password": PASSWORD}
    answer = Browser(bank.server).ask("POST", "/sign-in", data=data, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb"]
)
def test_the_door_leads_nowhere_else(bank, wanted):
    answer = Browser(bank.server).ask("POST", "/sign-in", data={"name": "mei", "password": PASSWORD, "next": wanted})
    assert answer.headers["location"] == "/"


def test_who_may_not_is_told_why(busy):
    browser = busy.browser("omar")
    assert "Retry failed" not in browser.ask("GET", "/pipelines/1").text
    answer = browser.post("/jobs/1/retry")
    assert answer.status_code == 403
    assert "job.retry" in answer.text
    assert ("page job", "not-allowed") in refusals(busy.server)
    assert browser.ask("GET", "/people").status_code == 403


def test_an_empty_installation_leads_to_its_set_up(new_server):
    browser = Browser(new_server)
    assert browser.ask("GET", "/").headers["location"] == "/setup"
    wrong = browser.ask("POST", "/setup", data={"link": "guess", "name": "ada", "password": PASSWORD})
    assert wrong.status_code == 422
    right = browser.ask(
        "POST",
        "/setup",
        data={"link": set_up_link(new_server.tools.people), "name": "ada", "password": PASSWORD},
    )
    assert right.status_code == 303
    assert "HttpOnly" in right.headers["set-cookie"]
    assert "SameSite=Lax" in right.headers["set-cookie"]


def test_log_lines_are_text_and_numbers_that_are_none_count_as_nothing(busy):
    browser = busy.browser("mei")
    answer = browser.ask("GET", "/jobs/1/lines?first=-1&count=400").json()
    assert (answer["first"], answer["total"], answer["live"]) == (1, 1, False)
    assert answer["lines"] == ["hello <script>alert(1)</script>"]
    assert browser.ask("GET", "/jobs/1/lines?first=zz&count=99999999999999999999999").json()["lines"] == []
    assert browser.ask("GET", "/jobs/77/lines").status_code == 404
    assert browser.ask("GET", "/jobs/1/raw").content == b"hello <script>alert(1)</script>\n"


def test_where_no_page_stands_a_page_says_so(bank):
    browser = Browser(bank.server)
    assert browser.ask("GET", "/nope").status_code == 303
    browser = bank.browser("mei")
    answer = browser.ask("GET", "/nope/<b>")
    assert answer.status_code == 404
    assert "There is no page /nope/&lt;b&gt;." in answer.text
    assert flaws(answer.text) == []
    for path in ("/api/v1/nope", "/hooks/nope", "/static/nope.js"):
        assert "<html" not in browser.ask("GET", path).text


def test_the_first_error_is_no_command_that_speaks_of_one(bank):
    one = bank.add_pipeline(3, {"build": "build", "test": "build"})
    browser = bank.browser("mei")
    for name, said, line in (("build", "\x1b[31mERROR: balance\x1b[0m\n", 3), ("test", "all is well\n", 2)):
        job = bank.begin(one.id, name)
        bank.write(job, f'hello\n\x1b[32;1m$ make || echo "ERROR"\x1b[0;m\n{said}')
        assert browser.ask("GET", f"/jobs/{job}/error").json() == {"line": line}


def test_the_numbers_of_the_wall_open_to_the_projects_they_count(busy):
    browser = busy.browser("mei")
    page = browser.ask("GET", "/estate").text
    [(path, count)] = re.findall(r'<a class="count s-\w+" href="([^"]+)".*?<b>(\d+)</b>', page)
    shown = browser.ask("GET", path).text
    assert len(re.findall(r'class="tile ', shown)) == int(count) == 1
    none = browser.ask("GET", "/estate?look=skipped&node=2").text
    assert 'class="tile ' not in none
    assert "<b>1</b>" in none  # they are counted all the same, so that one can go on
