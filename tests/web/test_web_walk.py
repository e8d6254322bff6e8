"""One walk through a real ``plumb up`` in a real browser, in both languages: pushed, red, the reason, again, green."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "api"))
from test_api_up import PASSWORD, Up

from plumbline.cli.demo.client import Client
from plumbline.cli.demo.repositories import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

CONFIGURATION = """
stages: [build, test]
post:
  stage: build
  script:
    - echo "posting day 1"
    - while [ ! -e {gates}/go ]; do sleep 0.05; done
    - 'test -e {gates}/balanced || {{ echo "ERROR: balance differs by 0.01"; exit 3; }}'
    - echo "balanced"
settle:
  stage: test
  script: [echo "settled"]
"""
WORDS = {
    "en-GB": {"lang": "en", "sign in": "Sign in", "failed": "failed", "why": "exit status 3", "because": "post failed",
              "first error": "First error", "retry": "Retry", "passed": "passed"},
    "zh-CN": {"lang": "zh-CN", "sign in": "登录", "failed": "失败", "why": "退出状态 3", "because": "post 失败",
              "first error": "第一个错误", "retry": "重试", "passed": "通过"},
}  # fmt: skip


class Place(NamedTuple):
    """A server with one project, whose repository tells it of every push."""

    client: Client
    repository: Repository
    project: int
    gates: Path  # files that the job waits for, or misses


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    gates = tmp_path / "gates"
    gates.mkdir()
    server = Up(tmp_path / "data", "--isolation", "none", "--runners", "2", "--grace", "1")
    try:
        client = Client(server.url)
        link = re.search(r"key=(\S+)", server.process.stdout.readline())
        assert link
        client.enter("/api/v1/setup", {"link": link.group(1), "name": "ada", "password": PASSWORD})
        bank = client.ask("POST", "/api/v1/nodes", {"kind": "organisation", "name": "bank"})["id"]
        wanted = {"kind": "project", "name": "posting", "title": "Posting engine", "parent": bank}
        project = client.ask("POST", "/api/v1/nodes", wanted)["id"]
        files = tmp_path / "files"
        files.mkdir()
        (files / ".gitlab-ci.yml").write_text(CONFIGURATION.format(gates=gates))
        repository = Repository(tmp_path, "posting")
        repository.create()
        repository.start_from(files)
        repository.bind(client, project)
        yield Place(client, repository, project, gates)
    finally:
        (gates / "go").touch()
        assert server.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("language", list(WORDS))
def test_sign_in_push_live_log_failed_reason_retry_green(chromium, place, language):
    words, url = WORDS[language], place.client.url
    context = chromium.new_context(base_url=url, locale=language, viewport={"width": 1280, "height": 800})
    asked, wrong = [], []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("console", lambda said: "Security Policy" in said.text and wrong.append(said.text))

    page.goto("/")
    page.wait_for_url("**/sign-in*")
    assert page.locator("html").get_attribute("lang") == words["lang"]
    page.fill("[name=name]", "ada")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name=words["sign in"]).click()
    page.locator(".tile").wait_for()

    sha = place.repository.commit("Round half to even")
    place.repository.push("ada")
    page.locator(".tile.s-running").click()  # the wall changed by itself
    page.wait_for_url("**/pipelines/*")
    pipeline = page.url
    assert sha[:8] in page.locator("#live .facts").first.inner_text()
    page.locator(".box.s-running").click()
    page.wait_for_url("**/jobs/*")
    first = page.url
    page.locator(".log-line").get_by_text("posting day 1", exact=True).wait_for()
    assert page.locator("#live .state.s-running").count() == 1  # it lives

    (place.gates / "go").touch()
    page.locator(".log-line").get_by_text("ERROR: balance differs by 0.01", exact=True).wait_for()
    page.locator("#live .state.s-failed").wait_for()
    assert words["failed"] in page.locator("#live header").inner_text()
    assert words["why"] in page.locator("#live header .why").inner_text()
    page.get_by_role("button", name=words["first error"]).click()
    page.locator(".log-line.error:has-text('balance differs')").wait_for()
    page.goto(pipeline)
    assert words["because"] in page.locator("tr:has(a:text-is('settle')) .why").inner_text()

    (place.gates / "balanced").touch()
    page.goto(first)
    page.get_by_role("button", name=words["retry"]).click()
    page.wait_for_url(lambda now: "/jobs/" in now and now != first)
    page.locator(".log-line").get_by_text("balanced", exact=True).wait_for()
    page.goto(pipeline)
    page.locator("header .state.s-success").wait_for()
    assert words["passed"] in page.locator("#live header").inner_text()
    page.goto("/")
    page.locator(".tile.s-success").wait_for()
    assert words["passed"] in page.locator(".tile").inner_text()

    context.close()
    assert wrong == []
    assert len(asked) > 10
    assert {urlsplit(one).netloc for one in asked} == {urlsplit(url).netloc}
