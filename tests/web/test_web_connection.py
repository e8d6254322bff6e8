"""After a repository is bound: is it reached, who tells of changes, and the first pipeline that is proposed."""

from __future__ import annotations

import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from web_server import add_person, add_project, browser_of

from plumbline.flow.pipelines.carry_out import carry_out_due
from plumbline.flow.pipelines.receive_webhook import receive_change
from plumbline.model.server import Outcome, Webhook, WebhookKind
from plumbline.web.every_page import all_pages
from plumbline.web.pages.connection import PATIENCE

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import commit, make_repository, run_git

pytestmark = pytest.mark.slow
PAGE = "/projects/2/connection"


@pytest.fixture
def home(tmp_path):
    return make_repository(tmp_path / "home", {
        "pyproject.toml": "[project]\nname = 'core'\nversion = '1'\n", "test_core.py": "def test_core():\n    pass\n"
    })  # fmt: skip


@pytest.fixture
def project(browser, home):
    """An organisation (1) and a project (2) whose repository is on this machine."""
    browser.post("/tree", kind="organisation", name="bank", title="Harbour Bank")
    answer = browser.post("/tree", kind="project", parent="1", name="core", url=str(home))
    assert answer.headers["location"] == PAGE
    return browser


def text_of(answer):
    """Its words, without the signs that keep names apart from sentences."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>|[\u2066-\u2069]", " ", answer.text)).replace(" ,", ",")


def test_a_repository_that_another_project_has_makes_nothing_and_leads_to_that_project(project, home):
    typed = {"kind": "project", "parent": "1", "name": "other", "title": "Other", "url": str(home), "forge": "gitea"}
    answer = project.post("/tree", **typed)
    assert answer.status_code == 409
    notice = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert f"bank/core has the repository {home} already" in notice
    assert '<a href="/nodes/2">' in notice
    assert "Nothing was changed" in notice
    for word in ('value="other"', 'value="Other"', f'value="{home}"', 'value="gitea" selected'):
        assert word in answer.text
    assert "other" not in project.ask("GET", "/tree").text.partition("<form")[0]


def test_a_maintainer_is_not_told_which_project_of_others_has_a_repository(server, browser):
    add_project(browser)
    browser.post("/tree", kind="project", parent="1", name="other")
    add_person(server, "li", "maintainer", node=3)
    answer = browser_of(server, "li").post(
        "/projects/3/repository", kind="gitlab", url="https://gitlab.bank.example/pay/core.git"
    )
    notice = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert "Another project has the repository" in notice
    assert "/nodes/" not in notice


def test_the_connection_is_tested_and_what_is_there_is_said(project, home):
    page = project.ask("GET", PAGE)
    assert "Waiting for the first change" in page.text
    found = project.post(f"{PAGE}/test")
    assert found.status_code == 200
    for words in (
        "The repository answers.",
        "Default branch: main",
        "1 branch, 0 tags",
        "It has no .gitlab-ci.yml yet.",
    ):
        assert words in text_of(found), words
    run_git(home, "tag", "v1")
    commit(home, {".gitlab-ci.yml": "a: {script: [make]}\n"})
    for words in ("1 branch, 1 tag", "It has .gitlab-ci.yml: the next push starts a pipeline."):
        assert words in text_of(project.post(f"{PAGE}/test")), words


def test_what_is_wrong_with_a_connection_is_said_with_what_to_do_and_without_what_is_secret(project, home, server):
    home.rename(home.with_name("gone"))
    wrong = project.post(f"{PAGE}/test")
    assert wrong.status_code == 200
    assert "cannot be fetched" in text_of(wrong)
    assert "Check that it is still there" in text_of(wrong)
    assert "Traceback" not in wrong.text
    project.post("/projects/2/repository", kind="git", url=str(home.with_name("gone")))
    run_git(home.with_name("gone"), "update-ref", "-d", "HEAD")
    empty = project.post(f"{PAGE}/test")
    assert "No default branch with a commit was found" in text_of(empty)
    assert "0 branches" in text_of(empty)


def test_a_repository_that_says_nothing_is_not_waited_for(project):
    """Nothing is heard of it: the page answers all the same."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/core.git"
        named = {"setting": "repository.hosts", "setting_value": address.split("/")[2]}
        assert project.post("/nodes/1/settings", **named).status_code == 303
        assert project.post("/projects/2/repository", kind="git", url=address).status_code == 303
        [page] = [one for one in all_pages() if one.path.endswith("connection/test")]
        object.__setattr__(page, "patience", 0.3)
        try:
            answer = project.post(f"{PAGE}/test")
        finally:
            object.__setattr__(page, "patience", PATIENCE)
    assert answer.status_code == 200
    assert "A repository is still being fetched" in text_of(answer)


def test_the_secret_is_shown_once_and_stands_in_the_lines(project, server):
    before = project.ask("GET", PAGE).text
    assert "THE-SECRET" in before
    shown = project.post(f"{PAGE}/secret")
    [secret] = set(re.findall(r"printf &#39;%s\\n&#39; (\S+) &gt; plumbline.secret", shown.text))
    with server.tools.units.store.view() as tx:
        sealed = tx.bindings.get(2).secret
    assert server.tools.tree.vault.open(sealed, "binding/2/secret").decode() == secret
    assert secret not in project.ask("GET", PAGE).text
    assert "/hooks/git/2" in shown.text


@pytest.mark.parametrize(
    ("kind", "url", "words"),
    [
        ("gitlab", "git@git.bank.example:pay/core.git", "https://git.bank.example/api/v4/projects/pay%2Fcore/hooks"),
        ("gitlab", "https://git.bank.example:8443/pay/a b.git", None),
        ("github", "https://github.com/pay/core.git", "gh api repos/pay/core/hooks"),
        ("github", "https://hub.bank.example/pay/core", "gh api --hostname hub.bank.example repos/pay/core/hooks"),
        (
            "gitea",
            "ssh://git@gitea.bank.example:2222/pay/core.git",
            "https://gitea.bank.example/api/v1/repos/pay/core/",
        ),
        ("gitea", "https://gitea.bank.example:3000/pay/core", "https://gitea.bank.example:3000/api/v1/repos/pay/core/"),
    ],
)
def test_each_kind_of_forge_has_its_lines(project, kind, url, words):
    answer = project.post("/projects/2/repository", kind=kind, url=url)
    if words is None:
        assert answer.status_code == 422
        return
    page = project.ask("GET", PAGE).text
    assert words in page.replace("&#39;", "'")
    assert f"/hooks/{kind}/2" in page


def test_the_lines_of_a_plain_repository_make_its_hook(project, tmp_path):
    """Run as they are, in the folder of a bare repository."""
    shown = project.post(f"{PAGE}/secret").text
    lines = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", shown, re.DOTALL)[1]
    for sign, letter in (("&#39;", "'"), ("&gt;", ">"), ("&lt;", "<"), ("&#34;", '"'), ("&amp;", "&")):
        lines = lines.replace(sign, letter)
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    subprocess.run(["sh", "-e", "-c", lines], cwd=bare, check=True)
    hook, secret = bare / "hooks" / "post-receive", bare / "plumbline.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert hook.read_text().startswith("#!/bin/sh\nplumb notify ")
    assert hook.stat().st_mode & 0o111
    assert secret.read_text().strip() in shown


def test_the_server_writes_the_hook_of_a_repository_on_its_machine(project, home, server):
    assert 'action="/projects/2/connection/hook"' in project.ask("GET", PAGE).text
    answer = project.post(f"{PAGE}/hook")
    assert (answer.headers["location"], answer.cookies["plumbline_done"]) == (PAGE, "saved")
    assert "/hooks/git/2" in (home / ".git" / "hooks" / "post-receive").read_text()
    add_person(server, "li", "maintainer", node=2)
    li = browser_of(server, "li")
    assert 'action="/projects/2/connection/hook"' not in li.ask("GET", PAGE).text
    assert li.post(f"{PAGE}/hook").status_code == 403


def test_the_light_turns_green_with_the_first_message(project, home, server):
    waits = project.ask("GET", PAGE).text
    assert "light-waits" in waits
    assert "every 3s" in waits
    sha = commit(home, {".gitlab-ci.yml": "a: {script: [make]}\n"})
    pipelines = server.tools.pipelines
    with server.tools.units.store.view() as tx:
        binding = tx.bindings.get(2)
    told = Webhook(forge="git", delivery="1", kind=WebhookKind.PUSH, ref="main", before="", after=sha)
    assert receive_change(pipelines, binding, told).outcome is Outcome.QUEUED
    assert "light-on" in project.ask("GET", PAGE).text
    carry_out_due(pipelines, "test/1")
    done = project.ask("GET", PAGE)
    assert "The last one came" in text_of(done)
    assert 'href="/pipelines/1"' in done.text
    assert "every 3s" not in done.text


def test_a_project_without_a_pipeline_shows_what_comes_next(project, home):
    page = project.ask("GET", "/projects/2")
    assert PAGE in page.text
    assert "Its files were not looked at yet" in text_of(page)
    looked = project.post("/projects/2/proposal")
    assert "proposed from the files of this repository" in text_of(looked)
    page = project.ask("GET", "/projects/2")
    for words in ("pyproject.toml", "plumb init --write", "plumb run", "git push", "data-copy="):
        assert words in page.text, words
    shell = project.ask("GET", "/projects/2/proposal?images=0")
    assert "image:" in page.text
    assert "image:" not in shell.text.partition("<pre")[2].partition("</pre>")[0]
    commit(home, {".gitlab-ci.yml": "a: {script: [make]}\n"})
    assert "The repository has a configuration" in text_of(project.post("/projects/2/proposal"))
    bare = project.post("/tree", kind="project", parent="1", name="bare")
    page = project.ask("GET", bare.headers["location"])
    assert "No repository is bound" in text_of(page)
