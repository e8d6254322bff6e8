"""The page of the ledger over a real store: what is looked for is found in all of it, or it says how far it looked."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from html import unescape
from threading import Event

import pytest
from tests.tampering import tamper
from tests.waiting import until
from web_server import URL, Browser, add_entries, opened

from plumbline.adapters.ledger_key import make_ledger_key
from plumbline.adapters.store import search
from plumbline.evidence import Sender, write_sender
from plumbline.flow.ledger import verify_now
from plumbline.flow.ledger.verify_onwards import sign_onwards
from plumbline.model.event import EventDraft
from plumbline.web.pages import ledger

pytestmark = pytest.mark.slow

NUMBER = re.compile(r'<a class="strong" href="/ledger/(\d+)">')


def page_of(browser, query=""):
    answer = browser.ask("GET", f"/ledger?{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.fixture
def shown(browser):
    return partial(page_of, browser)


@pytest.fixture(scope="module")
def reader(first_folder, tmp_path_factory):
    """The browser of tests that add nothing."""
    with opened(tmp_path_factory.mktemp("reader") / "data", first_folder[0], URL) as server:
        add_entries(server, 3)
        yield Browser(server, **first_folder[1])


@pytest.fixture(scope="module")
def signed_folder(first_folder, tmp_path_factory):
    """Of a server with a long ledger, all of it signed."""
    folder = tmp_path_factory.mktemp("signed") / "data"
    with opened(folder, first_folder[0], URL) as server:
        add_entries(server, 317)
        sign_onwards(server.tools.units.store, server.tools.ledger.ledger, make_ledger_key(str(folder)), 1)
        return folder


def numbers(page):
    return [int(found) for found in NUMBER.findall(page)]


def test_entries_are_found_by_what_they_are_about_and_by_day(server, shown):
    before = server.tools.ledger.ledger.size()
    add_entries(server, 60)
    page = shown("scope=/bank/pay/")
    assert numbers(page) == list(range(before + 60, before + 10, -1))
    assert numbers(shown(f"scope=bank/pay&before={before + 11}")) == list(range(before + 10, before, -1))
    assert numbers(shown("scope=bank/payments")) == []
    assert len(numbers(shown("scope=bank&type=taskrun.finished"))) == 50
    today = datetime.now(UTC).date().isoformat()
    assert len(numbers(shown(f"from={today}&to=9999-12-31"))) == 50
    assert "No entry is like this." in shown(f"from={today}&to=1969-12-31")
    assert "No entry is like this." in shown("to=0001-01-01")


def test_a_name_is_looked_up_in_the_whole_ledger_before_it_is_looked_for_in_names(server, shown, monkeypatch):
    for name, value in (("WINDOW", 10), ("LOOKED_AT", 20)):
        monkeypatch.setattr(search, name, value)
    first = server.tools.ledger.ledger.size() + 1
    add_entries(server, 60)
    by_subject = shown(f"q=run-{first:03}")
    assert numbers(by_subject) == [first]
    assert "exactly this" in by_subject
    assert numbers(shown(f"q=id-{first:03}")) == [first]
    page = shown(f"q=run-{first:03}&part=1")
    assert "Nothing found so far" in page
    looked, found = [], []
    while further := re.search(r'href="/ledger\?before=(\d+)&amp;([^"]+)"', page):
        looked.append(int(further[1]))
        page = shown(f"before={further[1]}&{unescape(further[2])}")
        found += numbers(page)
    assert looked[0] == server.tools.ledger.ledger.size() - 19
    assert len(looked) == (server.tools.ledger.ledger.size() - 1) // 20
    assert found == [first]


ODD = [
    *(f"before={value}" for value in ("-1", "0", "1", "99999999999999999999", "9" * 18, "x", "1.5", "%00", "١")),
    *(
        f"{name}={value}"
        for name in ("q", "type", "scope")
        for value in ("%00", "%ff%fe", "%F0%9F%98%80", "%25_", "'--")
    ),
    *(
        f"{name}={value}"
        for name in ("from", "to")
        for value in ("x", "2026-13-40", "0000-00-00", "10000-01-01", "%00")
    ),
    "q=" + "x" * 5000,
    "part=%00&q=a",
    "unknown=1&q=<script>alert(1)</script>",
]


@pytest.mark.parametrize("query", ODD)
def test_odd_questions_get_a_page(reader, query):
    page = page_of(reader, query)
    assert "<script>alert" not in page


@pytest.mark.parametrize("depth", [90, 900, 30_000])
def test_the_page_of_an_entry_is_no_larger_than_it_may_be(server, browser, depth):
    """Laid out, this event would be a hundred times as long as it is."""
    deep = b'{"a":' * depth + b"[" + b"1," * 300_000 + b"1]" + b"}" * depth
    body = b'{"context":{"id":"1","source":"/other","type":"t"},"subject":{"id":"s","content":' + deep + b"}}"
    server.tools.ledger.ledger.append([EventDraft(source="/other", id="1", type="t", subject="s", body=body)])
    answer = browser.ask("GET", f"/ledger/{server.tools.ledger.ledger.size()}")
    assert answer.status_code == 200
    assert len(answer.content) < 4 * len(body)


@pytest.mark.parametrize("place", ["0", "-1", "99999999999999999999", "9" * 18, "1e3", "%00", "x"])
def test_an_entry_that_cannot_be_is_not_there(reader, place):
    for path in (f"/ledger/{place}", f"/ledger/{place}/raw"):
        assert reader.ask("GET", path).status_code == 404


def test_the_palette_finds_what_is_far_back_by_its_name(server, browser, monkeypatch):
    for name, value in (("WINDOW", 10), ("LOOKED_AT", 20)):
        monkeypatch.setattr(search, name, value)
    first = server.tools.ledger.ledger.size() + 1
    add_entries(server, 60)
    assert f"/ledger/{first}" in [one["path"] for one in browser.ask("GET", f"/resolve?q=id-{first:03}").json()]
    for odd in ("%00%00%00%00", "%ff%fe%fd%fc", "a" * 64, "sha256:" + "0" * 64, "x" * 5000):
        assert browser.ask("GET", f"/resolve?q={odd}").status_code == 200


TAMPERED = [
    "delete from ledger_entry where seq <= 5",
    "delete from ledger_entry where seq = 310",
    "delete from ledger_entry where seq between 100 and 300",
    "delete from ledger_node",
    "update ledger_node set hash = 'x'",
    "update ledger_entry set leaf = 5 where seq = 310",
    "update ledger_entry set received = {value} where seq = 310",
    "update ledger_entry set body = 'a text' where seq = 310",
    "update ledger_entry set type = x'ff', subject = x'ff' where seq = 310",
    "update ledger_entry set chain = 'x' where seq = (select max(seq) from ledger_entry)",
    "update ledger_entry set seq = 100000 where seq = 310",
    "update ledger_checkpoint set note = 'x', root = 'x'",
    "drop table ledger_node",
]
STATEMENTS = [
    one.format(value=value) for one in TAMPERED for value in (("-5", "'x'", "1.5", "9e18") if "{" in one else "0")
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_ledger_that_somebody_changed_is_shown_and_does_not_hold(signed_folder, first_folder, tmp_path, statement):
    """Never more needed than then."""
    with opened(tmp_path / "data", signed_folder, URL) as server:
        browser = Browser(server, **first_folder[1])
        tamper(server.tools.units.store, statement)
        server.tools.ledger.verify(whole=True)
        assert "s-failed" in page_of(browser)
        for query in ("q=run-012&part=1", "scope=bank", "type=taskrun&from=2020-01-01", "before=312"):
            page_of(browser, query)
        for seq in (1, 6, 309, 311):
            assert browser.ask("GET", f"/ledger/{seq}").status_code in (200, 404)
        answers = [browser.ask("GET", f"/ledger/310{more}") for more in ("", "/raw")]
        assert {answer.status_code for answer in answers} <= {200, 404}
        if "310" in statement and answers[0].status_code == 200:
            assert "The proof does not hold" in answers[0].text
        assert browser.ask("GET", f"/resolve?q={'a' * 64}").status_code == 200


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        (b"", "Nobody sent it: this server told it itself"),
        (write_sender(Sender(source="sonar", address="10.1.2.3", delivery="sha256:ab", scope="bank/pay", door="http")),
         "On the word of the source sonar From the address 10.1.2.3 Came in by the API Speaks about bank/pay "
         "SHA-256 of the delivery ab"),
        (write_sender(Sender(address="10.1.2.3", door="forge")),
         "the forge of a project, by the secret of its webhook"),
        (write_sender(Sender(person="mei", token="t1", door="http")),
         "nobody known: no fact rests on it Sent by mei With the token t1"),
    ],
)  # fmt: skip
def test_an_entry_says_whose_word_it_is(browser, server, sender, words):
    add_entries(server, 1, sender=sender)
    text = browser.ask("GET", f"/ledger/{server.tools.ledger.ledger.size()}").text
    assert words in " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_what_a_person_did_is_found_by_their_name_and_their_page_leads_there(bank):
    browser = bank.browser("mei")
    with bank.server.tools.units.store.view() as tx:
        mei = tx.people.named("mei")
    browser.post("/me/tokens", name="x", scope="read", days="5")
    page = browser.ask("GET", f"/people/{mei.id}").text
    assert 'href="/ledger?who=mei"' in page
    found = page_of(browser, "who=mei")
    assert numbers(found)
    assert set(re.findall(r'data-label="Who"><a[^>]*><span title="([^"]*)">林梅</span>', found)) == {"mei"}
    assert found.count('data-label="Who">') == found.count(">林梅</span></a></td>")
    assert "No entry is like this." in page_of(browser, "who=nobody")


def test_the_ledger_is_verified_and_exported_from_its_page(server, browser, tmp_path):
    add_entries(server, 30)
    assert "Nobody asked for it yet" in page_of(browser, "scope=bank/pay")
    assert browser.post("/ledger/verify").status_code == 303
    until(lambda: "Asked for by" in page_of(browser))
    assert "are as they were" in page_of(browser)
    key, english = str(make_ledger_key(str(tmp_path / "data")).verifier), {**os.environ, "LC_ALL": "C.UTF-8"}
    for asked, words in (({"scope": "bank/pay"}, "30 entries between"), ({}, "Entries 1 to ")):
        answer = browser.post("/ledger/export", **asked)
        assert answer.headers["content-disposition"].startswith('attachment; filename="ledger-')
        file = tmp_path / "exported.jsonl"
        file.write_bytes(answer.content)
        command = [sys.executable, "-m", "plumbline", "ledger", "verify", "--bundle", str(file), "--key", key]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=english)
        assert (done.returncode, words in done.stdout) == (0, True), done.stdout + done.stderr


def test_a_verification_under_way_is_looked_at_until_it_has_ended(server, browser, monkeypatch):
    add_entries(server, 3)
    assert ", every 2s" not in page_of(browser)
    let_go, look = Event(), verify_now.look_onwards
    monkeypatch.setattr(verify_now, "look_onwards", lambda *given, **more: let_go.wait(20) and look(*given, **more))
    assert browser.post("/ledger/verify").status_code == 303
    assert ", every 2s" in page_of(browser)  # nothing in the ledger tells how far it is
    let_go.set()
    until(lambda: ", every 2s" not in page_of(browser))


@pytest.mark.parametrize("named", [False, True])
def test_what_is_found_is_taken_along_as_a_table(server, browser, monkeypatch, named):
    monkeypatch.setattr(ledger, "_IN_FILE", 7)
    add_entries(server, 30)
    first = server.tools.ledger.ledger.size() - 29
    formula = EventDraft(source="/x", id="1", type="t", subject="=1+1", body=b"{}", scope="bank/pay")
    server.tools.ledger.ledger.append([formula])
    query = f"q=run-{first:03}" if named else "q=run-&part=1"
    answer = browser.ask("GET", f"/ledger?{query}&file=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    numbers_in = [int(row[0]) for row in rows[1:]]
    assert numbers_in == ([first] if named else list(range(first + 29, first - 1, -1)))
    guarded = browser.ask("GET", "/ledger?q=%3D1%2B1&file=csv").text
    assert "=1+1" in guarded
    assert ",=1+1" not in guarded
    assert f"/ledger?{query.replace('&', '&amp;')}&amp;file=xlsx" in browser.ask("GET", f"/ledger?{query}").text


def test_a_ledger_of_which_somebody_sees_nothing_is_not_said_to_be_empty(bank):
    bank.person("dev", "maintainer", node=bank.node("system", "bank/new").id)
    add_entries(bank.server, 3)
    page = bank.browser("dev").ask("GET", "/ledger").text
    assert "No entry that you may see" in page
    assert "The ledger is empty" not in page
