"""The frame: rails by role and level, a person's day, the wall by the default branch, chains, what runs where."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from plumbline.evidence.vocabulary.own_operations import MetricComputed
from plumbline.flow.assessments import statements
from plumbline.flow.assessments.tools import record_about
from plumbline.model.change import Event
from plumbline.model.deployment import EnvironmentDeployment
from plumbline.model.job import State
from plumbline.model.person import ApiToken
from plumbline.model.pipeline import When

DAY = 86_400_000_000


def rail(text):
    """Title -> address of what stands in the rail, and the title of what is open."""
    inside = re.search(r'<nav class="rail.*?</nav>', text, re.DOTALL).group()
    links = re.findall(r'<li><a href="([^"]*)" title="([^"]*)"( aria-current="page")?', inside)
    return {title: path for path, title, _ in links}, next((title for _, title, here in links if here), None)


def tile(text, name):
    return next(one for one in re.findall(r'<a class="tile.*?</a>', text, re.DOTALL) if f"<strong>{name}<" in one)


def test_every_level_has_the_same_entries_in_the_same_order(bank):
    mei = bank.browser("mei")
    bank.nodes(("system", "bank/pay", "Payments"), ("project", "bank/pay/posting2", "Posting 2"))
    with bank.store.view() as tx:
        organisation, system, project = (tx.tree.at(path).id for path in ("bank", "bank/pay", "bank/pay/posting2"))
    shown = [rail(mei.ask("GET", f"/nodes/{node}").text) for node in (organisation, system, project)]
    assert [here for _, here in shown] == ["Overview"] * 3
    above, middle, below = (list(links) for links, _ in shown)
    assert above == middle
    of_projects, of_groups = {"Schedules", "Coverage", "Components", "Connection"}, {"Projects", "Heat map"}
    assert [one for one in below if one not in of_projects] == [one for one in above if one not in of_groups]
    assert shown[2][0]["Pipelines"] == f"/projects/{project}"


def test_a_page_of_one_thing_marks_the_entry_that_it_belongs_to(bank):
    mei = bank.browser("mei")
    made = bank.add_pipeline(3, {"build": "build"})
    for path, entry in (
        (f"/pipelines/{made.id}", "Pipelines"),
        ("/nodes/3/environments", "Environments"),
        ("/projects/3/settings", "Settings"),
        ("/people", "People"),
        ("/ledger", "Ledger"),
        ("/", "Home"),
    ):
        assert rail(mei.ask("GET", path).text)[1] == entry, path


def test_the_wall_goes_by_the_default_branch_and_marks_what_else_is_newer(bank):
    mei = bank.browser("mei")
    good = bank.add_pipeline(3, {"build": "build"}, ref="main")
    bank.end(good.id, "build")
    red = bank.add_pipeline(3, {"build": "build"}, ref="feature/x")
    bank.end(red.id, "build", State.FAILED, exit_code=1)
    for path in ("/", "/estate", "/?kiosk=1"):
        shown = tile(mei.ask("GET", path).text, "Posting engine")
        assert "s-success" in shown.partition(">")[0]
        assert f"/pipelines/{good.id}" in shown
        assert 'title="feature/x: failed"' in shown
    newer = bank.add_pipeline(3, {"build": "build"}, ref="main")
    bank.end(newer.id, "build", State.FAILED, exit_code=1)
    shown = tile(mei.ask("GET", "/").text, "Posting engine")
    assert "s-failed" in shown.partition(">")[0]
    assert "tile-other" not in shown


@pytest.mark.parametrize("more", ["", "&kiosk=1", "&look=failed"])
def test_a_wall_of_a_node_without_projects_says_so(bank, more):
    gone = bank.browser("mei").ask("GET", f"/estate?node=4711{more}")
    assert gone.status_code == 200
    assert "No project fits" in gone.text
    assert "The wall is empty" not in gone.text


def test_home_is_of_the_whole_estate_whatever_its_address_says(bank):
    assert "Posting engine" in bank.browser("mei").ask("GET", "/?node=4711&look=failed").text


def test_what_waits_for_somebody_and_for_nobody_else(bank):
    bank.person("nia", "developer", node=1)
    mei, omar = bank.browser("mei"), bank.browser("nia")
    with bank.store.view() as tx:
        person = tx.people.named("nia").id
    mine = bank.add_pipeline(3, {"build": "build"}, ref="own", by=person, event=Event.WEB)
    bank.end(mine.id, "build", State.FAILED, exit_code=1)
    other = bank.add_pipeline(3, {"build": "build"}, ref="elsewhere")
    bank.end(other.id, "build", State.FAILED, exit_code=1)
    work = omar.ask("GET", "/work").text
    assert f'href="/pipelines/{mine.id}"' in work
    assert f'href="/pipelines/{other.id}"' not in work
    assert 'title="bank/core/posting">' in work
    assert "Posting engine" in work.partition('title="bank/core/posting">')[2].partition("</span>")[0]
    assert f'href="/pipelines/{mine.id}"' in omar.ask("GET", "/").text
    assert '<b class="waits">1<' in work
    assert f'href="/pipelines/{mine.id}"' not in mei.ask("GET", "/work").text
    again = bank.add_pipeline(3, {"build": "build"}, ref="own")  # somebody mended it
    bank.end(again.id, "build")
    assert f'href="/pipelines/{mine.id}"' not in omar.ask("GET", "/work").text


def children_of(bank, parent, count, **more):
    """Child pipelines, which its newest job started."""
    job = list(bank.current(parent.id).values())[-1].id
    return [bank.add_pipeline(3, {"c": ("test", None, more)}, upstream=job, depth=1, event=Event.PARENT)
            for _ in range(count)]  # fmt: skip


def waiting(bank):
    """What mei finds among her work, who wrote every commit here."""
    return re.findall(r'href="/pipelines/(\d+)"', bank.browser("mei").ask("GET", "/work").text)


@pytest.fixture
def author(bank):
    assert bank.browser("mei").post("/people/1/link", identity="mei@bank.example", forge="").status_code == 303


@pytest.mark.usefixtures("author")
def test_a_failed_child_pipeline_hides_neither_its_parent_nor_what_mended_it(bank):
    parent = bank.add_pipeline(3, {"build": "build"})
    [child] = children_of(bank, parent, 1)
    bank.end(child.id, "c", State.FAILED, exit_code=1)
    assert waiting(bank) == [str(child.id)]
    bank.end(parent.id, "build", State.FAILED, exit_code=1)
    assert waiting(bank) == [str(parent.id)]
    mended = bank.add_pipeline(3, {"build": "build"})
    bank.end(mended.id, "build")
    for child in children_of(bank, mended, 21):
        bank.end(child.id, "c")
    assert waiting(bank) == []


@pytest.mark.usefixtures("author")
def test_a_child_pipeline_that_waits_for_a_button_is_told(bank):
    parent = bank.add_pipeline(3, {"build": "build"})
    [child] = children_of(bank, parent, 1, when=When.MANUAL)
    assert waiting(bank) == [str(child.id)]
    bank.add_pipeline(3, {"build": "build"})  # something newer on the same branch
    assert waiting(bank) == []


@pytest.mark.usefixtures("author")
@pytest.mark.parametrize("archived", [3, 2])  # the project, and the system above it
def test_nothing_waits_in_a_project_that_is_archived(bank, archived):
    red = bank.add_pipeline(3, {"build": "build"})
    bank.end(red.id, "build", State.FAILED, exit_code=1)
    assert waiting(bank) == [str(red.id)]
    mei = bank.browser("mei")
    assert mei.post(f"/nodes/{archived}/archive", archived="1").status_code == 303
    assert waiting(bank) == []
    for path in ("/estate", "/projects", "/environments", "/nodes/1"):
        assert "Posting engine" not in mei.ask("GET", path).text, path


def test_a_project_that_others_trigger_has_its_pipeline_on_the_wall(bank):
    deploy = bank.node("project", "bank/core/deploy", "Deployer").id
    first = bank.add_pipeline(3, {"build": "build"})
    job = bank.current(first.id)["build"].id
    bank.end(bank.add_pipeline(deploy, {"go": "deploy"}, upstream=job, depth=1, event=Event.PIPELINE).id, "go")
    assert "s-success" in tile(bank.browser("mei").ask("GET", "/").text, "Deployer").partition(">")[0]
    assert "push a commit" not in bank.browser("mei").ask("GET", f"/nodes/{deploy}").text


def test_a_pipeline_is_of_whoever_wrote_its_commit(bank):
    bank.person("lin", "developer", node=1)
    lin = bank.browser("lin")
    red = bank.add_pipeline(3, {"build": "build"})  # by mei@bank.example
    bank.end(red.id, "build", State.FAILED, exit_code=1)
    assert f"/pipelines/{red.id}" not in lin.ask("GET", "/work").text
    with bank.store.view() as tx:
        person = tx.people.named("lin").id
    assert bank.browser("mei").post(f"/people/{person}/link", identity="mei@bank.example", forge="").status_code == 303
    assert f"/pipelines/{red.id}" in lin.ask("GET", "/work").text


def test_a_second_person_finds_the_statement_that_waits_and_its_author_does_not(bank):
    bank.person("han", "assessor", node=1)
    bank.person("iris", "assessor", node=1)
    han, iris = bank.browser("han"), bank.browser("iris")
    topic = next(iter(sorted(_topics(bank) - statements.document_topics(bank.server.tools.assessments))))
    answer = han.post("/nodes/3/statements", topic=topic, text="Held since May.")
    assert answer.status_code == 303, answer.text
    waiting = re.search(r'<ul class="work">.*?</ul>', iris.ask("GET", "/work").text, re.S)[0]
    assert 'href="/nodes/3/statements"' in waiting
    assert f">{topic}<" not in waiting  # but what it is called
    assert '<ul class="work">' not in han.ask("GET", "/work").text


def test_what_waits_is_told_also_to_somebody_below_whose_nodes_is_no_project(bank):
    empty = bank.node("system", "bank/empty").id
    bank.person("han", "assessor", node=empty)
    topic = next(iter(sorted(_topics(bank) - statements.document_topics(bank.server.tools.assessments))))
    answer = bank.browser("mei").post(f"/nodes/{empty}/statements", topic=topic, text="Held since May.")
    assert answer.status_code == 303, answer.text
    home = bank.browser("han").ask("GET", "/").text
    assert '<b class="waits">1<' in home
    assert f'href="/nodes/{empty}/statements"' in home


def _topics(bank):
    from plumbline.flow.assessments.packs import every_pack

    return {signal.fact for pack in every_pack(bank.server.tools.assessments) for signal in pack.signals
            if signal.probe in {"stated", "statement"}}  # fmt: skip


def test_a_token_that_ends_soon_is_told_to_its_owner(bank):
    with bank.store.change() as tx:
        mei = tx.people.named("mei").id
        now = bank.server.tools.units.clock()
        for name, ends in (("ci", 3 * DAY), ("later", 60 * DAY)):
            tx.tokens.add(ApiToken(id=f"{name:x<8}", person=mei, digest=name.encode() * 16, name=name, scopes=("read",),
                                   created=now, expires=now + ends))  # fmt: skip
    work = bank.browser("mei").ask("GET", "/work").text
    assert "API token that ends" in work
    assert ">ci</a>" in work
    assert ">later</a>" not in work


@pytest.fixture
def deployed(bank):
    """Production serves one commit, and the newest attempt at it failed; staging serves another."""
    made = bank.add_pipeline(3, {"build": "build", "deploy": "deploy", "again": "deploy", "stage": "deploy"})
    jobs = {name: bank.current(made.id)[name].id for name in ("deploy", "again", "stage")}
    with bank.store.change() as tx:
        for name, place, outcome, at in (
            ("deploy", "production", "success", 1),
            ("again", "production", "failure", 2),
            ("stage", "staging", "success", 1),
        ):
            known = {"job": jobs[name], "project": 3, "environment": place, "subject": name, "commit": name * 8}
            tx.deployments.add(EnvironmentDeployment(**known, outcome=outcome, started=at, finished=at))
    return jobs


def test_what_runs_where_is_what_succeeded_last_and_what_failed_since(bank, deployed):
    mei = bank.browser("mei")
    for path in ("/environments", "/nodes/1/environments", "/nodes/3/environments"):
        text = mei.ask("GET", path).text
        rows = re.findall(r"<tr><td><b>(\w+)</b>.*?</tr>", text, re.DOTALL)
        assert rows == ["production", "staging"], path
        first = text.partition("<b>production</b>")[2].partition("</tr>")[0]
        assert f'href="/jobs/{deployed["deploy"]}"' in first
        assert f'href="/jobs/{deployed["again"]}"' in first
    assert "<b>staging</b>" not in mei.ask("GET", "/environments?tier=production").text


def test_the_overview_is_the_chain_on_one_line_with_what_comes_next(bank, deployed):
    mei = bank.browser("mei")
    text = mei.ask("GET", "/nodes/3").text
    chain = re.search(r'<ol class="chain".*?</ol>', text, re.DOTALL).group()
    names = [re.sub(r"<[^>]+>|\s+", " ", one).strip() for one in re.findall(r'link-name">(.*?)</span>', chain)]
    assert names == ["Newest change", "Pipeline", "Artifact", "Gates", "staging", "production"]
    assert f'href="/jobs/{deployed["deploy"]}"' in chain
    assert "the newest deployment to production failed" in text.partition("What comes next")[2]


def test_the_worst_are_those_where_something_is_wrong_and_they_say_what(bank, deployed):
    bank.nodes(("project", "bank/core/quiet", "Quiet"))
    text = bank.browser("mei").ask("GET", "/nodes/1").text
    worst = text.partition("The worst first")[2].partition("</section>")[0]
    assert "Posting engine" in worst
    assert f'<a href="/jobs/{deployed["again"]}">the newest deployment to production failed</a>' in worst
    assert "Quiet" not in worst


def test_an_overview_hides_from_whoever_may_see_only_the_way(bank, deployed):
    [other] = bank.nodes(("project", "bank/other", "Other"))
    bank.person("nia", "developer", node=other.id)
    text = bank.browser("nia").ask("GET", "/nodes/1").text
    assert "Other" in text
    assert "Posting engine" not in text
    assert "<b>production</b>" not in bank.browser("nia").ask("GET", "/environments").text


def test_the_worst_of_many_are_those_with_something_wrong(bank):
    good, bad = (
        one.id for one in bank.nodes(("project", "bank/core/good", "Good"), ("project", "bank/core/bad", "Bad"))
    )
    bank.end(bank.add_pipeline(good, {"build": "build"}).id, "build")
    mei = bank.browser("mei")
    assert "The worst first" not in mei.ask("GET", "/nodes/1").text
    bank.end(bank.add_pipeline(bad, {"build": "build"}).id, "build", State.FAILED, exit_code=1)
    worst = mei.ask("GET", "/nodes/1").text.partition("The worst first")[2].partition("</section>")[0]
    assert "Bad" in worst
    assert "Good" not in worst
    assert "Posting engine" not in worst


def test_no_figure_is_made_up_where_nothing_was_computed(bank):
    text = bank.browser("mei").ask("GET", "/nodes/3").text
    figures = text.partition("figures-row")[2].partition("</section>")[0]
    assert figures.count("it is computed once a day") == 4
    assert 'class="value"' not in figures


def test_a_figure_says_of_how_many_it_is_made_and_up_to_when_there_were_too_few(bank):
    told = {  # value, numerator, denominator
        "change-frequency": (2.5, 30.0, 12.0),  # in twelve weeks
        "change-failure-rate": (0.1, 3.0, 30.0),
        "requirement-lead-time": (7200.0, None, None),
        "time-to-restore": (None, None, None),
    }
    units = bank.server.tools.units
    with bank.store.change() as tx:
        for name, (value, part, whole) in told.items():
            given = {key: one for key, one in (("value", value), ("numerator", part), ("denominator", whole))
                     if one is not None}  # fmt: skip
            content = MetricComputed(metric=name, definition="1", begin="2026-01-01T00:00:00Z",
                                     end="2026-04-01T00:00:00Z", as_of=1, **given)  # fmt: skip
            record_about(tx, units.writer(), "bank/core/posting", f"bank/core/posting:{name}", content)
    text = bank.browser("mei").ask("GET", "/nodes/3").text
    figures = re.sub(r"<[^>]*>|\s+", " ", text.partition("figures-row")[2].partition("</section>")[0])
    figures = " ".join(figures.split())
    assert "Production deployments per week 2.5 n = 30" in figures
    assert "Lead time, median 2h 00m Change failure rate 10.0 % n = 30" in figures
    day = datetime.fromtimestamp(units.clock() / 1e6, UTC).date().isoformat()
    assert f"Time to restore, median not known: too few days or records up to {day}" in figures


def test_what_somebody_starred_stands_on_their_first_page_with_its_worst(bank):
    mei = bank.browser("mei")
    bank.nodes(("system", "bank/pay", "Payments"), ("project", "bank/pay/a", "A"), ("project", "bank/pay/b", "B"))
    with bank.store.view() as tx:
        system, a, b = (tx.tree.at(path).id for path in ("bank/pay", "bank/pay/a", "bank/pay/b"))
    bank.end(bank.add_pipeline(a, {"build": "build"}).id, "build")
    assert "Starred" not in mei.ask("GET", "/").text
    assert mei.post(f"/nodes/{system}/star", starred="1", next="/").status_code == 303
    for state in (State.CANCELED, State.FAILED):
        bank.end(bank.add_pipeline(b, {"build": "build"}).id, "build", state, exit_code=int(state is State.FAILED))
        starred = mei.ask("GET", "/").text.partition("<h2>Starred</h2>")[2].partition("</section>")[0]
        assert f'class="tile s-{state}" href="/nodes/{system}"' in starred


def test_what_somebody_starred_stays_there_without_projects(bank):
    mei, empty = bank.browser("mei"), bank.node("system", "bank/new", "New system").id
    for node in (empty, 2):
        assert mei.post(f"/nodes/{node}/star", starred="1", next="/").status_code == 303
    assert mei.post("/nodes/2/archive", archived="1").status_code == 303
    starred = mei.ask("GET", "/").text.partition("<h2>Starred</h2>")[2].partition("</section>")[0]
    assert re.findall(r'class="tile s-none" href="/nodes/(\d+)"', starred) == [str(empty), "2"]


@pytest.mark.slow
def test_the_rail_folds_and_stays_folded_and_is_a_sheet_on_a_phone(visit):
    page = visit(at="/nodes/1")
    assert page.locator(".rail li span").first.is_visible()
    page.click("[data-rail-fold]")
    assert page.locator(".rail.folded").count() == 1
    page.reload()
    assert page.locator(".rail.folded").count() == 1
    page.click("[data-rail-fold]")
    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.locator(".rail").is_visible()
    page.click(".rail-open")
    page.locator(".rail").wait_for(state="visible")
    page.click(".rail a:has-text('Environments')")
    page.wait_for_url("**/nodes/1/environments")
