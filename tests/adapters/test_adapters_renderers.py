"""Reports: both languages are whole, nothing is loaded, and what is unknown never looks as if it had passed."""

from __future__ import annotations

import gc
import json
import re
import shutil
import subprocess
import warnings
from datetime import UTC, datetime

import pytest

from plumbline.adapters.packs import load_pack
from plumbline.adapters.renderers import render_html, render_pdf
from plumbline.flow.assessments.assess import assess
from plumbline.maturity import make_report
from plumbline.model.assessment import Scope

END = 1_790_000_000_000_000
DAY = 86_400_000_000
NOTE = "ledger.example/bank\n7\nAAAA\n\n\N{EM DASH} ledger.example/bank BBBB\n"
LANGUAGES = ("en", "zh_CN")
pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module", autouse=True)
def own_warnings_only():
    """What tests before these left open, such as a git that still runs, is let go of now, and not in the middle of a
    report, where the warning would be taken for the report's own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def measured(number: int, measure: str, value: float) -> bytes:
    """A tool tells one figure."""
    when = datetime.fromtimestamp((END - DAY) / 1e6, UTC).isoformat()
    context = {"id": f"event-{number}", "source": "https://tool.example/<a>", "timestamp": when}
    context["type"] = "dev.cdeventsx.tool-measurement.recorded.0.1.0"
    return json.dumps(
        {"context": context, "subject": {"id": "m", "content": {"measure": measure, "value": value}}}
    ).encode()


def graded(told: bool):
    """The shipped pack over nothing at all, or over a good figure for two of three signals and a bad one for others."""
    pack = load_pack()
    signals = [signal for signal in pack.signals if signal.at is not None] if told else []
    bodies = [
        measured(number, signal.fact, signal.at.value + (number % 7 == 0) * (-1 if ">" in signal.at.op else 1))
        for number, signal in enumerate(signals)
        if number % 3
    ]
    scope = Scope(subject="bank/<b>支付</b>", as_of=7, end=END, checkpoint=NOTE if told else "")
    return assess(pack, [(body, None) for body in bodies], scope)


@pytest.fixture(scope="module")
def rich():
    return graded(True)


@pytest.fixture(scope="module")
def empty():
    return graded(False)


def text_of(pdf: bytes) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: install poppler-utils")
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_shows_every_item_down_to_its_criteria(rich, language):
    page, report = render_html(rich, language), make_report(rich, language)
    assert len(report.every_item()) == 49
    for item in report.every_item():
        assert f'<details id="{item.id}">' in page
        assert page.count(f">{item.id}</code>") >= 1
        assert all(one.id in page for level in item.levels for one in level.criteria)
    assert report.headline in page
    assert f'<html lang="{report.language}">' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_loads_nothing_and_runs_nothing(rich, language):
    page = render_html(rich, language)
    for wrong in ("<script", "<link", "<img", "<iframe", "@import", "url(", "src=", "onclick", "javascript:"):
        assert wrong not in page
    targets = re.findall(r'href="([^"]*)"', page)
    assert targets
    assert all(target.startswith("#") for target in targets)


def test_names_from_outside_are_text_in_a_page(rich):
    page = render_html(rich, "en")
    assert "<b>" not in page
    assert "bank/&lt;b&gt;支付&lt;/b&gt;" in page


def test_links_in_a_page_lead_somewhere(rich):
    page = render_html(rich, "en")
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {target[1:] for target in re.findall(r'href="(#[^"]+)"', page)} <= set(ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_unknown_is_neither_worded_nor_coloured_as_passed(empty, language):
    report = make_report(empty, language)
    verdicts = [one for item in report.every_item() for level in item.levels for one in level.criteria]
    assert verdicts
    assert {one.outcome for one in verdicts} == {"unknown"}
    assert {cell.state for item in report.every_item() for cell in item.cells} == {"unknown", "none"}
    page = render_html(empty, language)
    legend = page.index('<ul class="legend">')
    rest = page[page.index("</ul>", legend) :]
    assert not re.search(r'class="[^"]*\b(met|proven|seen|above)\b', rest)
    assert all(row.undecided == row.total for row in report.counts)


def test_a_sign_of_a_low_level_that_is_seen_is_not_called_met(rich):
    signs = [
        one for item in make_report(rich, "en").every_item() for level in item.levels for one in level.criteria
        if one.kind == "sign"
    ]  # fmt: skip
    assert {one.outcome for one in signs} <= {"seen", "absent", "unknown"}
    assert any(one.outcome == "seen" for one in signs)


def test_a_report_counts_every_demand_once_and_says_what_it_rests_on(rich):
    for row in make_report(rich, "en").counts:
        assert sum(row.outcomes) == row.total
        assert row.computed + row.reported + row.statement + row.undecided == row.total
        assert row.computed == 0  # every figure here was told by a tool
    assert any(row.reported for row in make_report(rich, "en").counts)


def test_a_figure_is_never_rounded_to_the_limit_that_it_misses():
    from plumbline.maturity.report.wording import quantity

    assert quantity(94.96, "%", 95) == "94.96 %"
    assert quantity(95, "%", 95) == "95 %"
    assert quantity(94.2, "%", 95) == "94.2 %"
    assert quantity(1234567, "count", 3) == "1234567"


def test_the_roadmap_names_criteria_and_ends_at_the_top(rich):
    stages = make_report(rich, "en").stages
    numbers = [step.number for stage in stages for step in stage.steps]
    assert numbers == list(range(1, len(rich.roadmap) + 1))
    assert all(step.criteria for stage in stages for step in stage.steps)
    assert "If these" in next(area.what_if for area in make_report(rich, "en").areas if area.what_if)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_holds_every_item_by_name(rich, language):
    rendered = render_pdf(rich, language)
    made = rendered.data
    assert rendered.warnings == ()  # such as a font that is not there
    assert made.startswith(b"%PDF")
    text = re.sub(r"\s", "", text_of(made))
    report = make_report(rich, language)
    for one in (*report.every_item(), *report.areas):
        assert re.sub(r"\s", "", one.name) in text
    assert re.sub(r"\s", "", report.headline) in text
    assert rich.digest in text
    assert "支付" in text


@pytest.mark.slow
def test_a_pdf_of_nothing_known_says_so_and_is_the_same_each_time(empty):
    made = render_pdf(empty, "en").data
    assert made == render_pdf(empty, "en").data
    text = text_of(made)
    assert "Not computed from a ledger" in text
    assert "unknown" in text
