"""The name and the place of nodes, who belongs to them, and lists that are searched, on their pages."""

from __future__ import annotations

import html
import re

import pytest
from web_server import add_person, add_project, browser_of
from web_structure import flaws

from plumbline.access import SETTINGS
from plumbline.model.person import Role
from plumbline.model.tree import Node, NodeKind

pytestmark = pytest.mark.slow

NAMES = ("核心" * 100, "\u202eevil\u202c", "👩‍💻🏦", "<b>x</b>")


@pytest.fixture
def browser(browser):
    """Of an administrator of ``bank`` (1) with its project ``core`` (2)."""
    return add_project(browser)


def page(browser, path):
    answer = browser.ask("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.text


def paths(server):
    with server.tools.units.store.view() as tx:
        return {node.id: node.path for node in tx.tree.all()}


def node(server, name, kind=NodeKind.SYSTEM, parent=1):
    with server.tools.units.store.change() as tx:
        above = tx.tree.get(parent)
        return tx.tree.add(Node(id=0, kind=kind, name=name, path=f"{above.path}/{name}", parent=parent))


class TestPlace:
    def test_a_project_is_renamed_moved_and_deleted_by_who_types_its_path(self, browser, server):
        pay = node(server, "pay")
        path = paths(server)[2]
        shown = page(browser, "/nodes/2/place")
        assert f'<option value="{pay.id}">bank/pay</option>' in shown
        refused = browser.post("/nodes/2/place", new_name="kernel", parent=str(pay.id), old_path="bank/cor")
        assert refused.status_code == 409
        assert 'value="kernel"' in refused.text
        assert paths(server)[2] == path
        done = browser.post("/nodes/2/place", new_name="kernel", parent=str(pay.id), old_path=path)
        assert (done.status_code, done.headers["location"]) == (303, "/nodes/2/place")
        assert paths(server)[2] == "bank/pay/kernel"
        assert browser.post("/nodes/2/delete", gone_path=path).status_code == 409
        assert browser.post("/nodes/2/delete", gone_path="").status_code == 409
        done = browser.post("/nodes/2/delete", gone_path="bank/pay/kernel")
        assert (done.status_code, done.headers["location"]) == (303, f"/nodes/{pay.id}")
        assert 2 not in paths(server)
        assert browser.ask("GET", "/projects/2").status_code == 404

    def test_what_has_something_below_it_is_not_offered_to_be_deleted(self, browser):
        shown = page(browser, "/nodes/1/place")
        assert "1 node stands below it" in shown
        assert 'action="/nodes/1/delete"' not in shown

    def test_nobody_is_offered_what_they_may_not_do(self, browser, server):
        add_person(server, "mei", Role.MAINTAINER, node=2)
        add_person(server, "omar", Role.VIEWER, node=2)
        shown = page(browser_of(server, "mei"), "/nodes/2/place")
        assert 'name="new_name"' in shown
        assert 'name="parent"' not in shown
        assert 'id="delete"' not in shown
        shown = page(browser_of(server, "omar"), "/nodes/2/place")
        assert "<form" not in shown.partition('id="content"')[2].partition("What follows")[0]

    @pytest.mark.parametrize("title", NAMES)
    def test_titles_of_all_kinds_stand_on_the_pages(self, browser, title):
        browser.post("/nodes/1/title", new_title=title)
        for path in ("/nodes/1/place", "/nodes/1/members", "/nodes/2/members", "/nodes/1/topics"):
            shown = page(browser, path)
            assert not flaws(shown)
            assert "<b>x</b>" not in shown

    def test_sixty_levels(self, browser, server):
        deep = node(server, "b", NodeKind.BRANCH)
        for _ in range(57):
            deep = node(server, "b", NodeKind.BRANCH, deep.id)
        for path in ("place", "members", "topics", "settings"):
            assert "b/b/b" in page(browser, f"/nodes/{deep.id}/{path}")
        browser.post(f"/nodes/{deep.id}/place", new_name="last", old_path=deep.path)
        assert paths(server)[deep.id].endswith("/b/last")


class TestMembers:
    def test_a_maintainer_grants_and_takes_away_at_their_own_node(self, browser, server):
        add_person(server, "mei", Role.MAINTAINER, node=2, title="Mei Lin")
        add_person(server, "omar", title="Omar")
        mei = browser_of(server, "mei")
        shown = page(mei, "/nodes/2/members")
        assert re.search(r"<bdi>Mei Lin</bdi></a> <code[^>]*>mei</code>", shown)
        assert "the whole installation" in shown  # the administrator's role comes from above
        assert '<option value="">choose</option>' in shown
        assert '<option value="admin"' not in shown  # nobody grants what they may not do themselves
        refused = mei.post("/nodes/2/members", person="nobody", role="viewer")
        assert refused.status_code == 409
        assert "There is nobody named nobody." in html.unescape(refused.text)
        assert 'value="nobody"' in refused.text
        assert mei.post("/nodes/2/members", person="omar", role="").status_code == 422
        assert mei.post("/nodes/2/members", person="omar", role="admin").status_code == 403
        assert mei.post("/nodes/2/members", person="mei", role="viewer").status_code == 403
        assert mei.post("/nodes/2/members", person=" OMAR ", role="developer").status_code == 303
        with server.tools.units.store.view() as tx:
            omar = tx.people.named("omar")
            assert [(one.node, one.role) for one in tx.grants.of(omar.id)] == [(2, Role.DEVELOPER)]
        assert "Omar" in page(mei, "/nodes/2/members")
        assert mei.post("/nodes/2/members/revoke", person=str(omar.id), role="developer").status_code == 303
        with server.tools.units.store.view() as tx:
            assert not tx.grants.of(omar.id)

    def test_a_role_from_above_says_where_it_comes_from(self, browser, server):
        add_person(server, "li", Role.ASSESSOR, node=1, title="Li")
        above = page(browser, "/nodes/2/members").partition('id="above"')[2]
        assert re.search(r'Li</bdi>.*?assessor.*?<a href="/nodes/1/members">', above, re.DOTALL)
        assert "members/revoke" not in above.partition("</section>")[0]

    def test_the_form_of_a_person_presets_nothing(self, browser, server):
        person = add_person(server, "li")
        shown = page(browser, f"/people/{person.id}")
        assert shown.count('<option value="">choose</option>') == 2
        assert browser.post(f"/people/{person.id}/grant", role="admin", node="").status_code == 422
        with server.tools.units.store.view() as tx:
            assert not tx.grants.of(person.id)


class TestFinding:
    @pytest.mark.parametrize("path", ["/nodes/1/settings", "/projects/2/settings"])
    def test_settings_stand_in_groups_and_are_found_by_words(self, browser, path):
        shown = page(browser, path)
        assert all(f'id="setting-{key}"' in shown for key in SETTINGS)
        assert shown.index("Limits of jobs") < shown.index('id="setting-ci.limit_memory"')
        found = page(browser, f"{path}?find=artifact")
        assert 'id="setting-ci.artifacts_days"' in found
        assert 'id="setting-ci.timeout"' not in found
        nothing = page(browser, f"{path}?find=%3Cxyz")
        assert "No setting has &#39;&lt;xyz&#39; in its name." in nothing

    def test_criteria_and_topics_are_found_by_words_in_both_languages(self, browser):
        shown = page(browser, "/nodes/2/topics")
        assert "?find=cd.1.1.1" in shown
        found = page(browser, "/nodes/2/topics?find=cd.1.1.1")
        assert 'id="cd.1.1.1-1a"' in found
        assert not flaws(found)
        topics = re.findall(r"/nodes/2/statements\?topic=([\w-]+)#new", page(browser, "/nodes/2/topics?find=statement"))
        assert topics
        form = page(browser, f"/nodes/2/statements?topic={topics[0]}")
        assert f'name="topic" value="{topics[0]}"' in form
        assert "No criterion has" in page(browser, "/nodes/2/topics?find=zzzz")
