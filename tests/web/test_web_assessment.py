"""Grades as pages, over a real store: assessed, opened down to an event, compared, stated, waived, and refused."""

from __future__ import annotations

import json
import re

import pytest
from tests.tampering import tamper
from web_server import Browser, add_person, browser_of, opened
from web_structure import flaws

from plumbline.api import all_routes
from plumbline.http.forms import read_form
from plumbline.model.person import Grant, Role
from plumbline.model.tree import Node, NodeKind
from plumbline.web import all_pages
from plumbline.web.outcomes import judged

pytestmark = pytest.mark.slow

TOPIC = re.compile(r'<option value="([\w-]+)"')


def plant(server):
    """An organisation (1), a system (2) and a project (3)."""
    with server.tools.units.store.change() as tx:
        bank = tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank"))
        core = tx.tree.add(
            Node(id=0, kind=NodeKind.SYSTEM, name="core", path="bank/core", parent=bank.id, title="Core")
        )
        tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name="posting", path="bank/core/posting", parent=core.id))


def somebody(server, name, *roles):
    add_person(server, name, *roles, node=1)
    return browser_of(server, name)


@pytest.fixture(scope="module")
def graded_folder(new_folder, tmp_path_factory):
    """Of a server where mei assessed the project; the cookies of her browser, and where the grade is."""
    folder = tmp_path_factory.mktemp("graded") / "data"
    with opened(folder, new_folder) as server:
        plant(server)
        mei = somebody(server, "mei", "assessor", "maintainer")
        with server.tools.units.store.change() as tx:
            tx.grants.add(Grant(person=1, node=0, role=Role.AUDITOR))
        assert mei.post("/nodes/3/variables", name="MODE", value="fast").status_code == 303  # the ledger has an entry
        answer = mei.post("/nodes/3/assess", pack="continuous-delivery")
        assert answer.status_code == 303, answer.text
        return folder, mei.cookies, answer.headers["location"]


@pytest.fixture
def server(graded_folder, tmp_path):
    with opened(tmp_path / "data", graded_folder[0]) as server:
        yield server


@pytest.fixture
def mei(server, graded_folder):
    return Browser(server, **graded_folder[1])


@pytest.fixture(scope="module")
def graded(graded_folder):
    return graded_folder[2]


def pages_of(graded):
    return (
        "/assessments",
        "/assessments?node=1",
        "/assessments?node=3",
        "/assessments?node=3&pack=site-reliability",
        graded,
        f"{graded}/items/cd.1.1.1",
        f"{graded}/items/cd.1.1.1?all=1",
        f"{graded}/roadmap",
        f"{graded}/roadmap?done=5&to=3",
        "/nodes/1/grades",
        "/nodes/3/grades?pack=collaboration",
        "/nodes/3/statements",
        "/nodes/3/exemptions?rule=cd.1.1.1-3a",
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_made_in_both_languages_and_keeps_the_content_policy(mei, graded, language):
    known = [re.sub(r"\\{\w+\\}", r"[\\w.]+", re.escape(route.path)) for route in all_routes() if route.method == "GET"]
    for place in pages_of(graded):
        answer = mei.ask("GET", place, headers={"Accept-Language": language})
        assert answer.status_code == 200, (place, answer.text[-600:])
        assert flaws(answer.text) == [], place
        assert not re.search(
            r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:|https?://(?!git\.bank)", answer.text
        ), place
        [path] = re.findall(r'copy-command="curl[^"]*/api/v1([^?&]*)[^"]*"', answer.text)
        assert any(re.fullmatch(one, path) for one in known), path


def test_steps_that_are_imagined_as_done_are_no_notice_of_a_form(mei, graded):
    page = mei.ask("GET", f"{graded}/roadmap?done=5").text
    assert "After 5 steps:" in page
    assert 'class="notice good"' not in page


def test_an_assessment_says_what_is_proven_what_is_possible_and_that_it_is_no_certificate(mei, graded):
    page = mei.ask("GET", graded).text
    assert "no certificate" in page
    assert "Possible, if all that is unknown held" in page
    assert "Could be shown here, with what is connected" in page
    assert 'class="radar"' in page
    item = mei.ask("GET", f"{graded}/items/cd.1.1.1").text
    assert "j-unknown" in item
    assert "Nothing of the kind was ever recorded" in item
    assert "threshold proposed by us" in item
    for kind, judgement, said in (
        ("demand", "met", "met"),
        ("sign", "met", "seen here"),
        ("sign", "not_met", "not seen"),
        ("sign", "unknown", "unknown"),
    ):
        assert f"<span>{said}</span>" in judged(kind, judgement)
    assert mei.ask("GET", f"{graded}/items/nothing").status_code == 404
    assert mei.ask("GET", "/assessments/99999").status_code == 404
    assert mei.ask("GET", "/assessments?node=3&pack=/etc/passwd.yaml").status_code == 404


def test_every_count_of_criteria_opens_to_them(mei, graded):
    page = mei.ask("GET", graded).text
    counts = re.findall(r'<a href="(/assessments/\d+\?[^"#]+)#criteria">.*?<span>(\d+)</span></span></a>', page)
    assert counts
    for path, count in counts:
        part = mei.ask("GET", path.replace("&amp;", "&")).text.partition('id="criteria"')[2].partition("</table>")[0]
        assert part.count("<tr><td") == int(count)
    assert 'id="criteria"' not in page
    assert 'id="criteria"' not in mei.ask("GET", f"{graded}?level=x&outcome=y").text
    proofs = mei.ask("GET", f"{graded}/proofs").text
    states = re.findall(r'href="(\?[^"]*state=[^"]+)"[^>]*>[^<]*<b>(\d+)</b>', proofs)
    assert len(states) == 5
    for path, count in states:
        rows = mei.ask("GET", f"{graded}/proofs{path}").text.partition("</thead>")[2].partition("</table>")[0]
        assert rows.count("<tr>") == int(count)


def test_two_assessments_are_compared_and_the_trend_is_drawn(mei, graded):
    second = mei.post("/nodes/3/assess", pack="continuous-delivery").headers["location"]
    before = graded.rpartition("/")[2]
    page = mei.ask("GET", f"{second}/changes?before={before}")
    assert page.status_code == 200
    assert "Practice changed" in page.text
    assert "The rule changed" in page.text
    assert 'class="trend"' in mei.ask("GET", "/assessments?node=3").text
    other = mei.post("/nodes/3/assess", pack="collaboration").headers["location"]
    assert mei.ask("GET", f"{other}/changes?before={before}").status_code == 409


def test_files_of_an_assessment(mei, graded):
    short, full = (mei.ask("GET", f"{graded}/report.html{query}") for query in ("?form=short", ""))
    assert len(short.content) < len(full.content) / 2
    assert 'report.pdf?form=short"' in mei.ask("GET", graded).text
    bundle = mei.ask("GET", f"{graded}/bundle")
    assert bundle.status_code == 200
    assert bundle.content.startswith(b"PK")


def test_a_statement_with_a_document_counts_once_a_second_person_accepted_it(server, mei):
    page = mei.ask("GET", "/nodes/3/statements").text
    topic = next(name for name in TOPIC.findall(page) if name)
    csrf = re.search(r'name="csrf" value="(\w+)"', page)[1]
    fields = {"csrf": csrf, "topic": topic, "text": "Held since May.\r\nSee <b>minutes</b>.", "until": "2099-01-31"}
    sent = mei.ask("POST", "/nodes/3/statements", data=fields, files={"file": ("minutes.pdf", b"\r\n--x\r\n\x00\xff")})
    assert sent.status_code == 303, sent.text
    page = mei.ask("GET", "/nodes/3/statements").text
    assert "See &lt;b&gt;minutes&lt;/b&gt;." in page
    assert "waits for a second person" in page
    assert "2099-01-31" in page
    path = re.search(r'href="(/nodes/3/statements/file\?digest=[\w:]+)"', page)[1]
    assert mei.ask("GET", path).content == b"\r\n--x\r\n\x00\xff"
    statement = re.search(r'name="statement" value="([^"]+)"', page)[1]
    own = mei.post("/nodes/3/statements/review", statement=statement, decision="accepted")
    assert own.status_code == 409
    omar = somebody(server, "omar", "security")
    assert omar.post("/nodes/3/statements/review", statement=statement, decision="accepted").status_code == 303
    page = mei.ask("GET", "/nodes/3/statements").text
    assert "accepted" in page
    assert "omar" in page


def test_a_rehearsal_is_recorded_with_how_it_ended(server, graded):
    ops = somebody(server, "ops", "operator", "assessor")
    page = ops.ask("GET", "/nodes/3/statements").text
    assert 'action="/nodes/3/drills"' in page
    answer = ops.post("/nodes/3/drills", kind="restore", outcome="success", minutes="12.5", reason="Every quarter")
    assert answer.status_code == 303, answer.text
    assert "The rehearsal is in the ledger now." in ops.ask("GET", answer.headers["location"].partition("#")[0]).text
    told = [
        json.loads(one.body)
        for one in server.tools.units.store.ledger.read()
        if b"plumbline-drill.finished" in one.body
    ]
    said = {"kind": "restore", "outcome": "success", "seconds": 750.0, "reason": "Every quarter", "person": "ops"}
    assert [one["subject"]["content"] for one in told] == [said]
    for wrong in (
        {"kind": "restore"},
        {"kind": "lunch", "outcome": "success"},
        {"kind": "restore", "outcome": "success", "minutes": "nan"},
    ):
        assert "Nothing was changed" in ops.post("/nodes/3/drills", **wrong).text
    others = somebody(server, "vic", "viewer", "auditor").ask("GET", "/nodes/3/statements")
    assert others.status_code == 200
    assert "/nodes/3/drills" not in others.text


def test_a_topic_that_asks_for_a_document_takes_its_address_too(mei):
    topic = "statement-basic-usage-rules"
    refused = mei.post("/nodes/3/statements", topic=topic, text="ok")
    assert refused.status_code == 409
    assert "Attach the document" in refused.text
    there = "https://wiki.bank.example/rules"
    assert mei.post("/nodes/3/statements", topic=topic, text="ok", address=there).status_code == 303
    assert f'href="{there}"' in mei.ask("GET", "/nodes/3/statements").text


def test_a_document_that_is_too_large_and_a_day_that_is_none(mei):
    page = mei.ask("GET", "/nodes/3/statements").text
    topic = next(name for name in TOPIC.findall(page) if name)
    csrf = re.search(r'name="csrf" value="(\w+)"', page)[1]
    fields = {"csrf": csrf, "topic": topic, "text": "x"}
    large = {"file": ("a", b"x" * (6 << 20))}
    assert mei.ask("POST", "/nodes/3/statements", data=fields, files=large).status_code == 413
    assert mei.post("/nodes/3/statements", topic=topic, text="x", until="soon").status_code == 422
    assert mei.post("/nodes/3/statements", topic="nobody-asks", text="x").status_code == 422
    assert mei.ask("GET", "/nodes/3/statements/file?digest=sha256:" + "0" * 64).status_code == 404


def test_what_does_not_apply_takes_a_second_person_who_says_so(server, mei):
    assert mei.post("/nodes/3/exemptions", rule="cd.1.1.1-9z", reason="x").status_code == 422
    assert (
        mei.post("/nodes/3/exemptions", rule="cd.1.1.1", reason="Bought, not built", until="2099-01-01").status_code
        == 303
    )
    page = mei.ask("GET", "/nodes/3/exemptions").text
    assert "waived" in page
    seq = re.search(r'<td class="number">(\d+)</td>', page)[1]
    assert mei.post("/nodes/3/exemptions/agree", exemption=seq).status_code == 409
    omar = somebody(server, "omar", "security")
    assert "Agree that it does not apply" in omar.ask("GET", "/nodes/3/exemptions").text
    assert omar.post("/nodes/3/exemptions/agree", exemption=seq).status_code == 303
    assert "mei, omar" in mei.ask("GET", "/nodes/3/exemptions").text


def test_a_viewer_reads_and_a_stranger_sees_nothing(server, mei, graded):
    viewer = somebody(server, "vic", "viewer")
    assert viewer.ask("GET", graded).status_code == 200
    assert "Re-check now" not in viewer.ask("GET", "/assessments?node=3").text
    assert viewer.post("/nodes/3/assess").status_code == 403
    assert viewer.ask("GET", f"{graded}/bundle").status_code == 403
    stranger = somebody(server, "sam")
    for place in (graded, f"{graded}/roadmap", "/assessments?node=3", "/nodes/3/statements", "/nodes/3/grades"):
        assert stranger.ask("GET", place).status_code == 404, place


def test_a_refusal_whose_way_out_is_a_command_says_who_can_take_it(server, mei):
    """Whoever reads a page may have no terminal at the server."""
    tamper(server.tools.units.store, "update ledger_checkpoint set note = 'x', root = 'x'")
    answer = mei.post("/nodes/3/assess", pack="continuous-delivery")
    assert answer.status_code == 409
    assert "For whoever runs the server: `plumb ledger verify` says which entry is wrong." in answer.text


def test_forms_with_files_are_read_and_what_is_no_form_is_empty():
    media = 'multipart/form-data; boundary="b"'
    body = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'
    assert read_form(body, media) == ({"a": "1"}, ())
    assert read_form(b"", media) == ({}, ())
    assert read_form(b"--b\r\n", "multipart/form-data") == ({}, ())
    assert read_form(b"&".join([b"a=1"] * 500), "") == ({}, ())
    texts = {f"/nodes/{{node:int}}/{part}" for part in ("evidence-contract", "policy")}
    largest = {page.path for page in all_pages() if page.largest}
    assert len([path for path in largest if not path.startswith(tuple(texts))]) == 1  # statements, with their files
