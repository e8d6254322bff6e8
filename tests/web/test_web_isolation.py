"""Signs that turn what follows them: what people elsewhere wrote moves nothing of the page around it."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser

import pytest

from plumbline.api import make_app
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.kernel import Text
from plumbline.model.job import FailureReason, JobResult, State
from plumbline.web import pages_for
from plumbline.web.isolation import enclosed, isolated
from plumbline.web.rendering import _environment

RLO, FSI, PDI = "\u202e", "\u2068", "\u2069"
ODD = f"ab{RLO}cd"


def rendered(template: str, **values: object) -> str:
    return _environment("en").from_string(template).render(values)


def test_what_is_shown_between_tags_is_isolated_and_what_stands_in_them_is_not():
    assert rendered("<p title='{{ x }}'>{{ x }}</p>", x=ODD) == f"<p title='{ODD}'><bdi>{ODD}</bdi></p>"
    assert rendered('<input value="{{ x }}">{{ x }}', x=ODD) == f'<input value="{ODD}"><bdi>{ODD}</bdi>'
    assert rendered("<a{% if y %} href='>{{ x }}'{% endif %}>{{ x }}</a>", x=ODD, y=1).count("<bdi>") == 1
    for name in ("textarea", "title", "svg"):
        assert "<bdi>" not in rendered(f'<{name} a="\'">{{{{ x }}}}</{name}>', x=ODD)
        assert "<bdi>" in rendered(f"<{name}></{name}>{{{{ x }}}}", x=ODD)
    assert rendered("{% block title %}{{ x }}{% endblock %}{{ x }}", x=ODD) == f"{FSI}{ODD}{PDI}<bdi>{ODD}</bdi>"


@pytest.mark.parametrize("text", ["שלום", "مرحبا", ODD, "a\u2067b", "a\u200fb"])
def test_what_may_turn_others_is_isolated(text):
    assert isolated(text) == f"<bdi>{text}</bdi>"
    assert isolated(f"<{text}>") == f"<bdi>&lt;{text}&gt;</bdi>"


@pytest.mark.parametrize("value", ["main", "分支", "caf\xe9", "𰻞", 3, None, 2.5])
def test_what_turns_nothing_is_left_alone(value):
    assert isolated(value) is value


def test_a_value_of_a_sentence_ends_for_itself():
    assert enclosed(ODD) == f"{FSI}{ODD}{PDI}"
    assert enclosed("a\u2067b") == f"{FSI}a\u2067b{PDI}{PDI}"
    assert enclosed(f"a{PDI}{RLO}b") == f"{FSI}a{RLO}b{PDI}"
    assert rendered('<p>{{ _("Job {job}", job=x) }}</p>', x=ODD) == f"<p><bdi>Job {FSI}{ODD}{PDI}</bdi></p>"
    assert rendered("<p>{{ x }}</p>", x=Text("Job {job}", {"job": ODD})) == f"<p><bdi>Job {FSI}{ODD}{PDI}</bdi></p>"


class Walk(HTMLParser):
    """What of a page turns others: texts outside of ``bdi``, of drawings and of forms' fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.wrong: list[str] = []
        self.seen = 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag not in ("input", "meta", "link", "br", "option", "path", "rect", "circle"):
            self.stack.append(tag)

    def handle_endtag(self, tag):
        if tag in self.stack:
            while self.stack.pop() != tag:
                pass

    def handle_data(self, data):
        if RLO in data:
            self.seen += 1
            whole = re.sub(f"{FSI}[^{PDI}]*{PDI}", "", data)
            if RLO in whole and not {"bdi", "textarea", "svg"} & set(self.stack):
                self.wrong.append(data)


def test_no_page_is_turned_by_names_that_others_wrote(browser, server, tmp_path):
    browser.app = make_app(server.tools, pages_for(server.tools))
    home = tmp_path / "repo"
    home.mkdir()
    (home / ".gitlab-ci.yml").write_text(
        f'"build{RLO}x": {{script: [make]}}\nlater: {{script: [make], when: manual}}\n'
    )
    who = ["-c", f"user.name=Mei{RLO}", "-c", "user.email=a@b"]
    branch = f"fix{RLO}tset"
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        [*who, "commit", "-qm", f"Mend {ODD}"],
        ["branch", branch],
    ):
        subprocess.run(["git", "-C", str(home), *words], check=True)
    browser.post("/tree", kind="organisation", name="bank", title="בנק")
    browser.post("/tree", kind="project", parent="1", name="core", title="ליבה", url=str(home))
    made = [browser.post("/projects/2/run", ref=ref) for ref in ("main", branch)]
    assert [answer.status_code for answer in made] == [303, 303], made[0].text
    tools = server.runner_tools()
    [claim] = claim_jobs(tools.server, tools.owner, 1, 60_000_000)
    failed = JobResult(state=State.FAILED, exit_code=1, reason=FailureReason.SCRIPT)
    finish_job(tools.server, claim.job.id, tools.owner, claim.job.fence, failed)
    paths = ["/", "/tree", "/nodes/1", "/pipelines", "/projects/2", "/projects/2/settings", "/pipelines/1"]
    paths += ["/pipelines/2", "/pipelines/2?view=needs", f"/jobs/{claim.job.id}", "/ledger", "/people", "/assessments"]
    seen = 0
    for path in paths:
        answer = browser.ask("GET", path)
        assert answer.status_code == 200, path
        walk = Walk(answer.text)
        assert walk.wrong == [], path
        seen += walk.seen
    assert seen > 15
    assert "<bdi>ליבה</bdi>" in browser.ask("GET", "/tree").text
    assert f'value="{branch}"' in browser.ask("GET", "/projects/2").text  # as it is, to be sent again
