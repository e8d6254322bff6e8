"""What pages refuse and what they never contain, without a browser."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette
from web_simulators import PASSWORD
from web_structure import flaws

from plumbline.access import csrf_token
from plumbline.api import all_routes
from plumbline.model.job import State
from plumbline.web import all_pages, pages_for


class Browser:
    def __init__(self, desk):
        self.app = Starlette(routes=pages_for(desk))
        self.cookies = {}

    def ask(self, method, path, **more):
        async def once():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://plumb.test", cookies=self.cookies
            ) as http:
                return await http.request(method, path, **more)

        with ThreadPoolExecutor(1) as pool:  # a browser test may have a loop of its own in this thread
            return pool.submit(lambda: asyncio.run(once())).result()

    def sign_in(self, name):
        answer = self.ask("POST", "/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303
        self.cookies = {"plumbline_session": answer.cookies["plumbline_session"]}
        return self

    def post(self, path, **fields):
        fields.setdefault("csrf", csrf_token(self.cookies["plumbline_session"]))
        return self.ask("POST", path, data=fields)


@pytest.fixture
def busy(desk):
    one = desk.add_pipeline(3, {"build": "build", "test": "test", "late": ("test", ("build",))}, message="<b>&")
    desk.write(desk.begin(one.id, "build"), "hello <script>alert(1)</script>\n")
    desk.end(one.id, "build", State.FAILED, exit_code=1)
    return desk


PLACES = [
    "/",
    "/?kiosk=1",
    "/tree",
    "/nodes/2",
    "/projects/3",
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
    browser = Browser(busy).sign_in("mei")
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
    browser = Browser(busy).sign_in("mei")
    known = [re.sub(r"\\{\w+\\}", r"\\d+", re.escape(route.path)) for route in all_routes() if route.method == "GET"]
    asked = []
    for place in PLACES:
        asked += re.findall(r'copy-command="curl[^"]*/api/v1([^?&]*)[^"]*"', browser.ask("GET", place).text)
    assert len(asked) >= 12
    assert [path for path in asked if not any(re.fullmatch(one, path) for one in known)] == []


def test_every_address_needs_somebody_who_is_signed_in(desk):
    browser = Browser(desk)
    for page in all_pages():
        if page.open:
            continue
        path = re.sub(r"\{\w+:int\}", "1", page.path)
        answer = browser.ask(page.method, path)
        assert answer.status_code == (303 if page.method == "GET" else 401), path
    for path in ("/live", "/jobs/1/live"):
        assert browser.ask("GET", path).status_code == 401


def test_every_form_needs_the_token_of_its_session(desk):
    browser = Browser(desk).sign_in("mei")
    for page in all_pages():
        if page.method == "POST" and not page.open:
            answer = browser.post(re.sub(r"\{\w+:int\}", "3", page.path), csrf="0" * 64)
            assert answer.status_code == 403, page.path
    assert ("page door", "csrf-token-missing") in desk.refusals


def test_a_form_from_another_site_signs_nobody_in(desk):
    data = {"name": "mei", "password": PASSWORD}
    answer = Browser(desk).ask("POST", "/sign-in", data=data, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb"]
)
def test_the_door_leads_nowhere_else(desk, wanted):
    answer = Browser(desk).ask("POST", "/sign-in", data={"name": "mei", "password": PASSWORD, "next": wanted})
    assert answer.headers["location"] == "/"


def test_who_may_not_is_told_why(busy):
    browser = Browser(busy).sign_in("omar")
    assert "Retry failed" not in browser.ask("GET", "/pipelines/1").text
    answer = browser.post("/jobs/1/retry")
    assert answer.status_code == 403
    assert "job.retry" in answer.text
    assert ("page job", "not-allowed") in busy.refusals
    assert browser.ask("GET", "/people").status_code == 403


def test_an_empty_installation_leads_to_its_set_up(desk):
    desk.persons.clear()
    browser = Browser(desk)
    assert browser.ask("GET", "/").headers["location"] == "/setup"
    wrong = browser.ask("POST", "/setup", data={"link": "guess", "name": "ada", "password": PASSWORD})
    assert wrong.status_code == 422
    right = browser.ask("POST", "/setup", data={"link": desk.link, "name": "ada", "password": PASSWORD})
    assert right.status_code == 303
    assert "HttpOnly" in right.headers["set-cookie"]
    assert "SameSite=lax" in right.headers["set-cookie"]


def test_log_lines_are_text_and_numbers_that_are_none_count_as_nothing(busy):
    browser = Browser(busy).sign_in("mei")
    answer = browser.ask("GET", "/jobs/1/lines?first=-1&count=400").json()
    assert (answer["first"], answer["total"], answer["live"]) == (1, 1, False)
    assert answer["lines"] == ["hello <script>alert(1)</script>"]
    assert browser.ask("GET", "/jobs/1/lines?first=zz&count=99999999999999999999999").json()["lines"] == []
    assert browser.ask("GET", "/jobs/77/lines").status_code == 404
    assert browser.ask("GET", "/jobs/1/raw").content == b"hello <script>alert(1)</script>\n"


def test_where_no_page_stands_a_page_says_so(desk):
    browser = Browser(desk)
    assert browser.ask("GET", "/nope").status_code == 303
    answer = browser.sign_in("mei").ask("GET", "/nope/<b>")
    assert answer.status_code == 404
    assert "There is no page /nope/&lt;b&gt;." in answer.text
    assert flaws(answer.text) == []
    for path in ("/api/v1/nope", "/hooks/nope", "/static/nope.js"):
        assert "<html" not in browser.ask("GET", path).text


def test_the_first_error_is_no_command_that_speaks_of_one(desk):
    one = desk.add_pipeline(3, {"build": "build", "test": "build"})
    browser = Browser(desk).sign_in("mei")
    for name, said, line in (("build", "\x1b[31mERROR: balance\x1b[0m\n", 3), ("test", "all is well\n", 2)):
        job = desk.begin(one.id, name)
        desk.write(job, f'hello\n\x1b[32;1m$ make || echo "ERROR"\x1b[0;m\n{said}')
        assert browser.ask("GET", f"/jobs/{job}/error").json() == {"line": line}
