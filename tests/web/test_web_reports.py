"""Pages of tests, coverage, interfaces and findings: what they say, and what is no data."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from report_examples import furnish_reports
from web_server import Bank, opened
from web_structure import flaws

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told(bank_folder, tmp_path_factory):
    """A bank whose pipelines left reports, and the numbers of what they left."""
    folder = tmp_path_factory.mktemp("told") / "data"
    with opened(folder, bank_folder) as server:
        bank = Bank(server, folder)
        bank.person("sun", "security", "maintainer", title="孙丽")
        bank.person("zhou", "security", title="周敏")
        yield bank, furnish_reports(bank)


def page(told, address, name="mei"):
    bank, rows = told
    answer = bank.browser(name).ask("GET", address.format(**rows))
    assert answer.status_code == 200, answer.text
    assert flaws(answer.text) == []
    return answer.text


def words(html):
    """What is read on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_what_failed_stands_first_with_how_often_it_did(told):
    html = page(told, "/pipelines/{told}/tests")
    names = re.findall(r'class="strong name" href="/projects/3/tests/\d+">([\w ]+)</a>', html)
    assert names[:2] == ["test_carries", "test_rounds"]
    said = words(html)
    assert "newly failing" in said
    assert "failed 2 of the last 2" in said
    assert "after 1 retry" in said


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("outcome=bad", {"test_carries", "test_rounds"}),
        ("change=still_failing", {"test_rounds"}),
        ("outcome=skipped", {"test_fetches"}),
        ("marked=flaky", {"test_waits"}),
        ("layer=interface", {"reads an account"}),
        ("q=CARRIES", {"test_carries"}),
    ],
)
def test_the_address_chooses_cases(told, query, names):
    html = page(told, "/pipelines/{told}/tests?" + query)
    assert set(re.findall(r'class="strong name" href="/projects/3/tests/\d+">([\w ]+)</a>', html)) == names


def test_a_list_of_cases_goes_on_and_is_taken_along_whole(told):
    bank, rows = told
    html = page(told, "/pipelines/{told}/tests")
    more = re.search(r'href="([^"]+after=50[^"]+)"', html)[1].replace("&amp;", "&")
    assert "51–66 of 66" in page(told, more)
    taken = bank.browser("mei").ask("GET", f"/pipelines/{rows['told']}/tests?file=csv").text
    assert len(taken.strip().splitlines()) == 1 + 66


@pytest.mark.parametrize(
    ("part", "way"),
    [
        ("tests", "artifacts: reports:"),
        ("coverage", "artifacts: reports:"),
        ("findings", "artifacts: reports:"),
        ("contracts", "PLUMBLINE_CALLS: $CI_PROJECT_DIR/plumbline-calls.jsonl"),  # no key of GitLab's takes these
    ],
)
def test_a_pipeline_that_left_nothing_has_no_data_and_no_zero(told, part, way):
    bank, _ = told
    empty = bank.add_pipeline(3, {"build": "build"})
    said = words(page(told, f"/pipelines/{empty.id}/{part}"))
    assert way in said
    assert not re.search(r"\b0 ?%|\b100 %|clean", said.replace("it is not 0 %", "").replace("can be clean", ""))


def test_a_report_that_cannot_be_read_says_why_and_fills_nothing(told):
    said = words(page(told, "/pipelines/{told}/tests"))
    assert "broken.xml" in said
    assert "could not be read; it fills and closes nothing" in said


def test_an_empty_list_is_no_clean_scan(told):
    said = words(page(told, "/pipelines/{told}/findings"))
    assert "secrets.json" in said
    assert "does not say who looked at what" in said
    assert "secrets clean" not in said


def test_a_case_has_its_history_and_goes_into_quarantine_and_out(told):
    bank, rows = told
    address, sun = f"/projects/3/tests/{rows['bad_case']}", bank.browser("sun")
    assert "assert total == 4" in page(told, address)
    refused = sun.post(f"{address}/quarantine", owner="sun", reason="waits for the clock", until="2001-01-01")
    assert refused.status_code == 409
    assert 'value="waits for the clock"' in refused.text
    assert 'hx-get="/projects' not in refused.text  # no change of the page takes away what was typed
    tomorrow = datetime.fromtimestamp(bank.server.tools.units.clock() / 1e6 + 86_400, UTC).strftime("%Y-%m-%d")
    assert sun.post(f"{address}/quarantine", owner="sun", reason="waits", until=tomorrow).status_code == 303
    assert "In quarantine until" in page(told, address)
    assert "test_carries" in page(told, "/pipelines/{told}/tests?marked=quarantined")
    assert sun.post(f"{address}/release").status_code == 303
    assert "In quarantine until" not in page(told, address)


def test_coverage_counts_lines_and_lists_the_worst_file_first(told):
    html = page(told, "/pipelines/{told}/coverage")
    assert "66.7 %" in html
    assert re.findall(r"<code>(src/\w+\.py)</code>", html) == ["src/ledger.py", "src/interest.py"]
    assert "5-6" in page(told, "/pipelines/{told}/coverage/file?report={covers}&path=src/ledger.py")


def test_interface_coverage_is_what_one_counts_by_hand(told):
    said = words(page(told, "/pipelines/{told}/contracts"))
    assert "25.0 % 1 / 4" in said  # GET /accounts/{id}; POST asserts nothing, two are never called
    assert "called by tests that assert nothing" in said
    assert said.count("no test calls it") == 2
    assert "PUT /accounts/{id}" not in said
    assert "PUT /accounts/42" in said  # drift


def test_findings_are_decided_together_and_the_grave_ones_by_two(told):
    bank, _ = told
    html = page(told, "/projects/3/findings", "sun")
    boxes = re.findall(r'name="(finding-\d+)"', html)
    assert len(boxes) == 2
    fields = {"act": "accept", "reason": "behind the gateway", "owner": "sun", "until": ""}
    sent = bank.browser("sun").post("/projects/3/findings/decide", **dict.fromkeys(boxes, "1"), **fields)
    assert sent.status_code == 200, sent.text
    assert words(sent.text).count("waits for a second person") == 2
    finding = int(boxes[0].partition("-")[2])
    decision = re.search(r'name="decision" value="(\d+)"', page(told, f"/findings/{finding}", "zhou"))[1]
    waiting = words(page(told, f"/findings/{finding}"))
    assert "exception holds" not in waiting  # while it waits
    assert "&lt;span" not in waiting
    own = bank.browser("sun").post(f"/findings/{finding}/agree", decision=decision, agree="1")
    assert own.status_code == 409
    assert bank.browser("zhou").post(f"/findings/{finding}/agree", decision=decision, agree="1").status_code == 303
    said = words(page(told, f"/findings/{finding}"))
    assert "exception holds" in said
    assert re.search("approved by .*周敏", said)


def test_who_may_not_decide_is_offered_nothing_and_refused(told):
    bank, rows = told
    assert "finding-" not in re.sub(r'id="finding-row-\d+"', "", page(told, "/projects/3/findings", "omar"))
    fields = {"act": "accept", "reason": "x", "owner": "omar"}
    assert bank.browser("omar").post(f"/findings/{rows['finding']}/decide", **fields).status_code == 403


def test_above_a_project_stands_a_distribution_and_the_worst_first(told):
    bank, _ = told
    bank.node("project", "bank/core/quiet", "Quiet")
    html = page(told, "/nodes/2/tests")
    assert re.findall(r'<tr id="project-\d+">.*?href="/projects/(\d+)/tests"', html, re.S)[0] == "3"
    assert "no data 1" in words(html)
    assert 'href="/projects/3/findings"' in page(told, "/nodes/2/findings")


def test_pipeline_and_job_say_what_they_found(told):
    bank, rows = told
    said = words(page(told, "/pipelines/{told}"))
    for part in ("2 of 66", "1 newly failing", "66.7 %", "25.0 %", "1 new, 1 known", "1 gone"):
        assert part in said
    job = bank.current(rows["told"])["unit tests"].id
    assert "2 of 65" in words(page(told, f"/jobs/{job}"))


def test_components_are_those_of_the_newest_bill(told):
    html = page(told, "/projects/3/components")
    assert "pkg:pypi/urllib3@2.2.1" in html
    assert "pkg:pypi/requests" not in page(told, "/projects/3/components?q=urllib3")
