"""The form that starts a pipeline: what it asks, what it keeps, and what it refuses before anything is made."""

from __future__ import annotations

import html
import re
import subprocess

import pytest
from web_structure import flaws

from plumbline.api import make_app
from plumbline.web import pages_for

pytestmark = pytest.mark.slow
CI = """
spec:
  inputs:
    version: {description: 发布的版本, regex: ^v1}
    level: {type: number, default: 2, options: [1, 2]}
    dry: {type: boolean, default: false}
---
variables:
  TARGET: {value: staging, options: [staging, production], description: Where to}
  NOTE: {value: "a <b> & c", description: What is said}
  QUIET: "1"
deploy: {script: ["deploy $[[ inputs.version ]] $[[ inputs.level ]]"]}
"""
PLAIN = "build: {script: [make]}\n"


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "repo"
    home.mkdir()
    git(home, "init", "-q", "-b", "main")
    commit(home, PLAIN)
    git(home, "checkout", "-qb", "asking")
    commit(home, CI)
    git(home, "checkout", "-q", "main")
    return home


@pytest.fixture
def mei(browser, server, home):
    """The first person, with an organisation (1) and a project (2) of which a pipeline ran."""
    browser.app = make_app(server.tools, pages_for(server.tools))
    browser.post("/tree", kind="organisation", name="bank", title="Harbour Bank")
    browser.post("/tree", kind="project", parent="1", name="core", url=str(home))
    assert browser.post("/projects/2/run").status_code == 303
    return browser


def git(home, *words, said=None):
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", str(home), *who, *words], check=True, input=said, text=True, capture_output=True)


def commit(home, text):
    (home / ".gitlab-ci.yml").write_text(text, encoding="utf-8")
    git(home, "add", ".")
    git(home, "commit", "-qm", "Say what is asked")


def fields(page):
    """Of the form: name -> value, of a list what is chosen."""
    found = {}
    form = re.search(r'<form[^>]*class="[^"]*run-form.*?</form>', page, re.DOTALL)[0]
    for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form):
        found[name] = html.unescape(value)
    for name, inside in re.findall(r'<select name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        found[name] = html.unescape(chosen[1])
    return {name: value for name, value in found.items() if name != "csrf"}


def test_what_the_branch_asks_is_offered_and_given(mei, server):
    plain = mei.ask("GET", "/projects/2/run").text
    assert flaws(plain) == []
    assert not [name for name in fields(plain) if name.startswith(("var.", "input."))]
    page = mei.ask("GET", "/projects/2/run?ref=asking").text
    assert flaws(page) == []
    offered = fields(page)
    assert {name: value for name, value in offered.items() if name.startswith(("var.", "input."))} == {
        "var.TARGET": "staging",
        "var.NOTE": "a <b> & c",
        "input.version": "",
        "input.level": "2",
        "input.dry": "false",
    }
    assert "发布的版本" in page
    assert "Matches ^v1" in page
    assert "QUIET" not in page
    answer = mei.post("/projects/2/run?ref=asking", **{
        **offered, "var.TARGET": "production", "input.version": "v1.2", "input.level": "1", "name.0": "MORE",
        "value.0": "two words"})  # fmt: skip
    assert answer.status_code == 303, answer.text
    number = int(answer.headers["location"].rpartition("/")[2])
    with server.tools.units.store.view() as tx:
        assert tx.pipelines.get(number).ref == "asking"
        plan = server.tools.pipelines.plans.get(tx, number)
    given = {one.name: one.value for one in plan.variables if one.source == "pipeline"}
    assert given.keys() <= {"TARGET", "MORE"}  # the values themselves are sealed
    assert plan.errors == ()
    assert plan.jobs[0].script[0] == "deploy v1.2 1"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"input.version": ""}, "The input 'version' needs a value."),
        ({"input.version": "2"}, "does not match"),
        ({"name.0": "2X", "value.0": "y"}, "'2X' is no name of a variable."),
        ({"name.0": "", "value.0": "lost?"}, "'lost?' is no name of a variable."),
        ({"ref": "gone"}, "gone"),
    ],
)
def test_a_refused_form_keeps_all_that_was_typed(mei, changed, said):
    typed = fields(mei.ask("GET", "/projects/2/run?ref=asking").text)
    typed |= {"input.version": "v1", "var.NOTE": "我的\"'<>", "var.TARGET": "production", "name.1": "KEEP",
              "value.1": "me"} | changed  # fmt: skip
    answer = mei.post("/projects/2/run?ref=asking", **typed)
    assert answer.status_code in (409, 422)
    assert said in html.unescape(answer.text)
    kept = fields(answer.text)
    assert {name: kept.get(name) for name in typed if name != "asked"} == {
        name: value for name, value in typed.items() if name != "asked"
    }
    assert len(mei.ask("GET", "/api/v1/pipelines").json()["pipelines"]) == 1


def test_a_form_that_got_old_in_another_tab_starts_nothing(mei, home):
    typed = fields(mei.ask("GET", "/projects/2/run?ref=asking").text) | {"input.version": "v1", "var.NOTE": "mine"}
    git(home, "checkout", "-q", "asking")
    commit(home, CI.replace("value: staging", "value: production"))
    answer = mei.post("/projects/2/run?ref=asking", **typed)
    assert answer.status_code == 409
    assert "asks for something else than this form did" in answer.text
    kept = fields(answer.text)
    assert kept["var.NOTE"] == "mine"
    assert kept["asked"] != typed["asked"]
    assert mei.post("/projects/2/run?ref=asking", **kept).status_code == 303


def test_another_branch_is_looked_at_and_rows_are_added_without_a_script(mei):
    typed = {"ref": "asking", "name.0": "KEEP", "value.0": "me", "look": "1"}
    page = mei.post("/projects/2/run", **typed)
    assert page.status_code == 200
    shown = fields(page.text)
    assert (shown["ref"], shown["var.TARGET"], shown["name.0"], "name.3" in shown) == (
        "asking",
        "staging",
        "KEEP",
        True,
    )
    page = mei.post("/projects/2/run", ref="ask", look="1").text
    assert 'name="look" value="asking"' in page
    assert fields(mei.post("/projects/2/run", ref="ask", look="asking").text)["ref"] == "asking"


def test_of_3000_branches_20_are_suggested(mei, home):
    sha = subprocess.run(
        ["git", "-C", str(home), "rev-parse", "main"], check=True, capture_output=True, text=True
    ).stdout.strip()
    lines = "".join(f"create refs/heads/team/feature-{number:04} {sha}\n" for number in range(3000))
    git(home, "update-ref", "--stdin", said=lines)
    assert mei.post("/projects/2/run").status_code == 303  # fetches
    page = mei.ask("GET", "/projects/2/run").text
    assert page.count("<option") == 20
    assert len(page) < 60_000
    found = mei.ask("GET", "/projects/2/refs?q=feature-29").json()
    assert (len(found), found[0]) == (20, "team/feature-2900")
    assert mei.ask("GET", "/projects/2/refs?q=asking").json() == ["asking"]


def test_a_browser_suggests_shows_and_adds_rows(visit, bank, home):
    mei = bank.browser("mei")
    mei.post("/tree", kind="project", parent="2", name="deploys", url=str(home))
    made = "/projects/4"
    assert mei.post(f"{made}/run").status_code == 303
    page = visit(at=f"{made}/run")
    page.fill("[name='name.0']", "KEEP")
    page.click("[data-add-row]")
    page.fill("[name='name.3']", "FOURTH")
    page.fill("[name=ref]", "aski")
    page.locator("#refs option[value=asking]").wait_for(state="attached")
    page.fill("[name=ref]", "asking")
    page.locator("[name=ref]").press("Tab")
    page.locator("[name='input.version']").wait_for()
    assert page.input_value("[name='name.0']") == "KEEP"
    assert page.input_value("[name='name.3']") == "FOURTH"
    page.fill("[name='input.version']", "v1.7")
    page.press("[name='input.version']", "Enter")
    page.wait_for_url("**/pipelines/2")
    page.goto(made)
    page.locator("[data-list]").wait_for()
    for key in "jjk":
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.textContent") == "#2"
    page.keyboard.press("o")
    page.wait_for_url("**/pipelines/2")
