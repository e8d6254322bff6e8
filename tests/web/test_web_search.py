"""What people remember of something finds it, in the order in which it was likely meant, as far as they may see it."""

from __future__ import annotations

import pytest

from plumbline.flow.search.found import Rank, Wanted
from plumbline.model.event import EventDraft

DIGEST = "ab" * 32


@pytest.fixture
def filled(bank):
    """Two projects with pipelines; ``sha`` of the first."""
    bank.node("project", "bank/cards", "银行卡 cards")
    bank.add_pipeline(3, {"unit": "test", "deploy-prod": "deploy"}, ref="feature/PAY-12", message="Add limits\n\nmore")
    bank.add_pipeline(4, {"unit": "test", "unit-slow": "test"}, message="支付限额: second")
    bank.person("wang.fang", "developer", node=4, title="王芳")
    bank.server.tools.ledger.ledger.append(
        [
            EventDraft(
                source="/x", id="ship-77", type="theirs", subject="image", body=b'{"d":"sha256:%b"}' % DIGEST.encode()
            )
        ]
    )
    with bank.store.view() as tx:
        bank.sha = tx.pipelines.get(1).sha
    return bank


def found(browser, text):
    """Kind and address of each."""
    answer = browser.ask("GET", "/resolve", params={"q": text})
    assert answer.status_code == 200
    return [(one["kind"], one["path"]) for one in answer.json()]


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [
        ("posting", "Projects", "/projects/3"),
        ("POSTING eng", "Projects", "/projects/3"),
        ("银行卡", "Projects", "/projects/4"),
        ("harbour", "Organisation", "/nodes/1"),
        ("unit", "Jobs", "/jobs/1"),
        ("deploy-prod", "Jobs", "/jobs/2"),
        ("posting unit", "Jobs", "/jobs/1"),
        ("pay-12", "Branches", "/projects/3?ref=feature%2FPAY-12"),
        ("add limits", "Pipelines", "/pipelines/1"),
        ("限额", "Pipelines", "/pipelines/2"),
        ("#1", "Pipelines", "/pipelines/1"),
        ("wang.fang", "People", "/people/3"),
        ("王芳", "People", "/people/3"),
        ("cd.1.1.1", "Items of the model", "/packs/continuous-delivery/items/cd.1.1.1"),
        ("ship-77", "Ledger", "/ledger/{last}"),
        (DIGEST, "Ledger", "/ledger/{last}"),
        (f"sha256:{DIGEST.upper()}", "Ledger", "/ledger/{last}"),
        ("ci.timeout", "Settings", "/nodes/1/settings#setting-ci.timeout"),
        ("time limit", "Settings", "/nodes/1/settings#setting-ci.timeout"),
        ("roles", "Pages", "/roles"),
    ],
)
def test_it_is_found_by_what_people_remember_of_it(filled, text, kind, path):
    path = path.replace("{last}", str(filled.server.tools.ledger.ledger.size()))
    assert (kind, path) in found(filled.browser("mei"), text)


def test_a_commit_is_found_by_the_beginning_of_its_id(filled):
    assert ("Commits", "/pipelines/1") in found(filled.browser("mei"), filled.sha[:9].upper())


def test_titles_are_found_in_both_languages_and_shown_in_the_readers(filled):
    mei = filled.browser("mei")
    pack = filled.server.tools.assessments.load_pack("continuous-delivery").pack
    item = pack.every_item()[0]
    wanted = ("Items of the model", f"/packs/continuous-delivery/items/{item.id}")
    assert wanted in found(mei, item.name.en)
    assert wanted in found(mei, item.name.zh)
    criterion = item.criteria[0]
    assert ("Criteria of the models", f"{wanted[1]}#{criterion.id}") in found(mei, criterion.id)
    page = mei.ask("GET", f"{wanted[1]}")
    assert f'id="{criterion.id}"' in page.text
    assert mei.ask("GET", "/packs/continuous-delivery/items/nope").status_code == 404
    assert mei.ask("GET", "/packs/nope/items/x").status_code == 404


def test_nobody_finds_what_they_may_not_see(filled):
    wang = filled.browser("wang.fang")
    assert ("Jobs", "/jobs/3") in found(wang, "unit")
    assert ("Jobs", "/jobs/1") not in found(wang, "unit")
    for text in ("posting", "pay-12", "add limits", filled.sha, "mei", "ship-77", DIGEST, "deploy-prod"):
        assert not {path for _, path in found(wang, text)} & {"/projects/3", "/pipelines/1", "/jobs/2", "/people/1"}, (
            text
        )
        assert not [path for _, path in found(wang, text) if path.startswith("/ledger/")], text
    assert found(wang, "1")[0] == ("Pipelines", "/pipelines/2")  # number 1 of its project


def test_people_elsewhere_are_found_by_nobody_who_sees_people_at_a_node_alone(filled):
    filled.person("zhao.min", "developer", node=3, title="赵敏")
    filled.person("lead", "maintainer", node=4, title="Team lead")
    lead = filled.browser("lead")
    assert lead.ask("GET", "/people/4").status_code == 404
    for text in ("zhao.min", "赵敏", "zhao"):
        assert ("People", "/people/4") in found(filled.browser("mei"), text)
        assert "People" not in {kind for kind, _ in found(lead, text)}
    assert ("People", "/people/3") in found(lead, "wang.fang")


def test_the_name_itself_comes_before_what_begins_so_and_that_before_what_has_it_inside():
    names = ["deploy unit", "my-unit", "units", "unit", "unity of things", "community"]
    ranked = sorted((rank, name) for name in names if (rank := Wanted("Unit").rank(name)))
    assert [name for _, name in ranked] == ["unit", "units", "unity of things", "my-unit", "deploy unit", "community"]
    assert Wanted("pay unit").rank("unit", place="Pay system") == Rank(4, 15)
    assert Wanted("pay unit").rank("lint", place="Pay unit system") is None
    assert Wanted("a").rank("banana") is None


def test_the_page_needs_no_script(filled):
    mei = filled.browser("mei")
    page = mei.ask("GET", "/search", params={"q": "unit"})
    assert page.status_code == 200
    assert 'href="/jobs/1"' in page.text
    assert "Jobs" in page.text
    assert "Nothing was found" in mei.ask("GET", "/search", params={"q": "no such thing at all"}).text
    assert mei.ask("GET", "/search").status_code == 200


@pytest.mark.parametrize(
    "odd", ["<script>alert(1)</script>", "%", "_", "\\", "'", "\0", "\ud83d", "x" * 5000, "🏦", "מי", "  "]
)
def test_whatever_is_typed_is_looked_for_as_it_is(filled, odd):
    mei = filled.browser("mei")
    text = odd.encode("utf-8", "surrogatepass")
    for path in ("/resolve", "/search"):
        answer = mei.ask("GET", path, params={"q": text})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_the_api_finds_the_same(filled):
    answer = filled.browser("mei").ask("GET", "/api/v1/resolve", params={"q": "posting unit"})
    assert {"kind": "job", "title": "unit", "detail": "Posting engine", "url": "/jobs/1"} in answer.json()["found"]
