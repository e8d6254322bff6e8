"""Lists: what their addresses choose, counts and parts, columns, views, and the files one takes along."""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from web_structure import flaws

from plumbline.kernel import t
from plumbline.model.change import Event
from plumbline.model.job import State
from plumbline.model.person import LISTS
from plumbline.web import all_pages, lists, pipeline_list
from plumbline.web.files import MOST, Length, Moment, guarded, list_file
from plumbline.web.lists import Column, Listing, ListKind

SPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", " =1", "=cmd|' /C calc'!A0"]  # noqa: RUF001
GOOD = ["plain", "a=b", "", "王芳", "'quoted", "1-2", "a\nb"]


def content(raw):
    return raw.content if isinstance(raw.content, bytes) else b"".join(raw.content)


def csv_rows(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def sheet(data):
    """Rows of a workbook as another reader sees them: (kind of cell, value); and that no cell is a formula."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        tree = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - made by ourselves
        strings = [
            "".join(part.text or "" for part in one.iter(f"{{{SPACE['s']}}}t"))
            for name in book.namelist()
            if name == "xl/sharedStrings.xml"
            for one in ElementTree.fromstring(book.read(name))  # noqa: S314
        ]
    assert tree.find(".//s:f", SPACE) is None
    found = []
    for row in tree.iterfind(".//s:row", SPACE):
        cells = []
        for cell in row.iterfind("s:c", SPACE):
            kind, value = cell.get("t", "n"), cell.findtext("s:v", "", SPACE)
            inside = "".join(part.text or "" for part in cell.iterfind("s:is/s:t", SPACE))
            cells.append((kind, strings[int(value)] if kind == "s" else inside or value))
        found.append(cells)
    return found


def test_no_cell_of_a_file_is_a_formula():
    assert [text for text in EVIL if not guarded(text)] == []
    assert [text for text in GOOD if guarded(text)] == []
    rows = [(text, 1) for text in [*EVIL, *GOOD]]
    found = csv_rows(content(list_file("csv", "x", ("A", "B"), rows, 0)))
    assert [row[0] for row in found[1:]] == [f"'{text}" for text in EVIL] + GOOD
    cells = sheet(content(list_file("xlsx", "x", ("=A", "B"), rows, 0)))
    assert cells[0][0][1] == "=A"
    assert {row[0][0] for row in cells} <= {"s", "inlineStr", "str"}


def test_numbers_and_times_stay_what_they_are():
    rows = [
        (-3, 1.5, Moment(1_800_000_000_000_000), Length(2_500_000), None, "x"),
        (0, 0, Moment(0), Length(0), None, ""),
    ]
    first, second = csv_rows(content(list_file("csv", "x", tuple("abcdef"), rows, 0)))[1:]
    assert first == ["-3", "1.5", "2027-01-15T08:00:00Z", "2.5", "", "x"]
    assert second == ["0", "0", "", "0.0", "", ""]
    cells = sheet(content(list_file("xlsx", "x", tuple("abcdef"), rows, 0)))
    assert [kind for kind, _ in cells[1]][:4] == ["n"] * 4
    assert float(cells[1][2][1]) == pytest.approx(46402 + 8 / 24, abs=1e-6)  # days since 1899-12-30


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_ends_and_says_so(monkeypatch, form):
    monkeypatch.setattr("plumbline.web.files.MOST", 3)
    raw = list_file(form, "things", ("A",), ((number,) for number in range(10**9)), 1_800_000_000_000_000)
    assert raw.headers["Content-Disposition"] == f'attachment; filename="things-2027-01-15.{form}"'
    data = content(raw)
    rows = csv_rows(data) if form == "csv" else [[value for _, value in row] for row in sheet(data)]
    assert [row[0] for row in rows[1:4]] == ["0", "1", "2"]
    assert len(rows) == 5
    assert "at most 3 rows" in rows[4][0]
    assert MOST > 10_000


KIND = ListKind(
    "things",
    (
        Column("name", t("Name"), lambda row: row[0], sorts=True),
        Column("size", t("Size"), lambda row: row[1], sorts=True),
        Column("note", t("Note"), lambda row: row[2], shown=False),
    ),
    ("q",),
    key=lambda row: row[0],
)


def listing(**more):
    return Listing(KIND, "/things", {}, columns=KIND.columns[:2], **more)


def test_a_list_at_hand_is_sorted_and_cut_by_the_key_of_a_row(monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 2)
    rows = [("b", 2, ""), ("C", None, ""), ("a", 10, ""), ("d", 1, "")]
    assert [row[0] for row in listing(sort="name").with_all(rows).rows] == ["a", "b"]
    assert [row[0] for row in listing(sort="-size").with_all(rows).rows] == ["a", "b"]
    first = listing(sort="size").with_all(rows)
    assert ([row[0] for row in first.rows], first.more, str(first.said)) == (["d", "b"], "b", "1–2 of 4")
    rest = listing(sort="size", here="b", before=2).with_all(rows)
    assert ([row[0] for row in rest.rows], rest.more, str(rest.said)) == (["a", "C"], "", "3–4 of 4")
    gone = listing(sort="size", here="zz", before=2).with_all(rows)
    assert ([row[0] for row in gone.rows], gone.before) == (["d", "b"], 0)


def test_views_of_every_list_are_kept():
    assert all_pages()  # all parts are loaded
    parts = [vars(module) for name, module in sys.modules.items() if name.startswith("plumbline.web.")]
    assert {one.name for part in parts for one in part.values() if isinstance(one, ListKind)} == LISTS


def test_addresses_keep_what_is_chosen():
    one = listing(sort="size", before=0)
    assert one.address() == "/things?sort=size"
    assert one.sorted_address(KIND.columns[1]) == "/things?sort=-size"
    assert one.sorted_address(KIND.columns[0]) == "/things?sort=name"
    assert listing().address(file="csv") == "/things?file=csv"
    many = listing().with_rows([("a", 1, "")], 10_001, "a", counted=10_000)
    assert str(many.said) == "1–1 of more than 10,000"
    assert many.next_address == "/things?after=a&from=1"


class TestPipelines:
    pytestmark = pytest.mark.slow

    @pytest.fixture
    def busy(self, bank):
        bank.nodes(("project", "bank/core/ledger", "Ledger 总账"))
        jobs = {"build": "build", "unit": "test", "lint": "test"}
        bank.add_pipeline(3, jobs, ref="main", message="=HYPERLINK(1)")
        red = bank.add_pipeline(3, jobs, ref="other", event=Event.WEB, by=1)
        bank.end(red.id, "build", State.FAILED, exit_code=1)
        bank.add_pipeline(4, jobs, ref="main")
        return bank

    def numbers(self, page):
        return [int(found) for found in re.findall(r'class="strong" href="/pipelines/(\d+)"', page)]

    def test_the_address_chooses(self, busy):
        mei = busy.browser("mei")
        for place, expected in {
            "/pipelines": [3, 2, 1],
            "/nodes/2/pipelines": [3, 2, 1],
            "/projects/3": [2, 1],
            "/pipelines?project=总账": [3],
            "/pipelines?ref=main": [3, 1],
            "/projects/3?ref=main": [1],
            "/pipelines?state=failed": [2],
            "/pipelines?source=web": [2],
            "/pipelines?source=web&who=mei": [2],
            "/pipelines?who=mei+lin": [3, 2, 1],
            "/pipelines?who=nobody": [],
            "/pipelines?state=nonsense": [3, 2, 1],
            "/pipelines?after=3&from=1": [2, 1],
            "/pipelines?after=x": [3, 2, 1],
        }.items():
            page = mei.ask("GET", place).text
            assert self.numbers(page) == expected, place
            assert flaws(page) == [], place
        assert mei.ask("GET", "/nodes/3/pipelines").headers["location"] == "/projects/3"
        assert "No pipeline fits" in mei.ask("GET", "/pipelines?who=nobody").text
        csrf = mei.ask("GET", "/api/v1/me").json()["csrf"]
        asked = mei.ask("GET", "/api/v1/pipelines?node=2&source=web&who=林梅", headers={"X-CSRF-Token": csrf}).json()
        assert [one["id"] for one in asked["pipelines"]] == [2]

    def test_a_row_shows_its_stages_and_what_may_be_done(self, busy):
        page = busy.browser("mei").ask("GET", "/pipelines").text
        assert 'aria-label="build: 1 failed"' in page
        assert 'aria-label="test: 2 skipped"' in page
        assert "Started by 林梅" in page
        assert 'action="/pipelines/2/retry"' in page
        assert 'action="/pipelines/3/cancel"' in page
        assert 'action="/pipelines/2/cancel"' not in page
        looked = busy.browser("omar").ask("GET", "/pipelines").text
        assert self.numbers(looked) == [3, 2, 1]
        assert "/cancel" not in looked
        answer = busy.browser("mei").post("/pipelines/3/cancel", next="/pipelines?ref=main")
        assert answer.headers["location"] == "/pipelines?ref=main"

    def test_parts_follow_each_other(self, busy, monkeypatch):
        monkeypatch.setattr(pipeline_list, "PAGE", 2)
        mei = busy.browser("mei")
        page = mei.ask("GET", "/pipelines").text
        assert "1–2 of 3" in page
        following = re.search(r'href="([^"]*)" rel="next"', page)[1].replace("&amp;", "&")
        assert parse_qs(urlsplit(following).query) == {"after": ["2"], "from": ["2"]}
        page = mei.ask("GET", following).text
        assert (self.numbers(page), "3–3 of 3" in page, 'rel="next"' in page) == ([1], True, False)

    def test_columns_are_chosen_and_a_view_keeps_them(self, busy):
        mei = busy.browser("mei")
        page = mei.ask("GET", "/pipelines?columns=pipeline&columns=author&state=failed").text
        assert re.findall(r"<th>([^<]*)</th>", page) == ["Pipeline", "Author"]
        kept = re.search(r'name="query" value="([^"]*)"', page)[1].replace("&amp;", "&")
        assert kept == "state=failed&columns=pipeline%2Cauthor"
        saved = mei.post("/views", shelf="pipelines", name="红的 & 我", query=kept, next="/pipelines")
        assert saved.headers["location"] == f"/pipelines?{kept}"
        shown = mei.ask("GET", "/nodes/2/pipelines").text
        assert "红的 &amp; 我" in shown
        assert f'href="/nodes/2/pipelines?{kept.replace("&", "&amp;")}"' in shown
        assert "红的" not in busy.browser("omar").ask("GET", "/pipelines").text
        mei.post("/views/remove", shelf="pipelines", name="红的 & 我", next="/pipelines")
        assert "红的" not in mei.ask("GET", "/pipelines").text
        for name in ("", "x" * 300):
            assert mei.post("/views", shelf="pipelines", name=name, query="", next="/pipelines").status_code in (
                409,
                422,
            )

    def test_what_is_chosen_is_taken_along_whole(self, busy, monkeypatch):
        monkeypatch.setattr(pipeline_list, "_AT_ONCE", 2)
        mei = busy.browser("mei")
        answer = mei.ask("GET", "/pipelines?file=csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = csv_rows(answer.content)
        assert rows[0][:3] == ["State", "Pipeline", "Project"]
        assert [row[1] for row in rows[1:]] == ["1", "2", "1"]
        subject = rows[0].index("Message")
        assert [row[subject] for row in rows[1:]] == ["Change", "Change", "'=HYPERLINK(1)"]
        only = csv_rows(mei.ask("GET", "/pipelines?file=csv&state=failed&columns=pipeline,stages").content)
        assert only == [["Pipeline", "Stages"], ["2", "build: 1 failed; test: 2 skipped"]]
        assert len(sheet(mei.ask("GET", "/projects/3?file=xlsx").content)) == 3
        zh = mei.ask("GET", "/pipelines?file=csv", headers={"Accept-Language": "zh"})
        assert [row[0] for row in csv_rows(zh.content)][:3] == ["状态", "等待中", "失败"]

    def test_projects_stand_by_their_default_branch_and_are_narrowed_and_sorted(self, busy):
        bank, mei = busy, busy.browser("mei")
        bank.nodes(("project", "bank/core/quiet", "Quiet"))
        names = lambda page: re.findall(r'class="strong" href="/projects/\d+">([^<]*)<', page)  # noqa: E731
        for place, expected in {
            "/projects": ["Ledger 总账", "Posting engine", "Quiet"],
            "/nodes/2/projects?sort=-name": ["Quiet", "Posting engine", "Ledger 总账"],
            "/projects?q=总账": ["Ledger 总账"],
            "/projects?state=none": ["Quiet"],
            "/projects?state=failed": [],  # that is another branch
            "/projects?state=pending": ["Ledger 总账", "Posting engine"],
        }.items():
            page = mei.ask("GET", place).text
            assert names(page) == expected, place
            assert flaws(page) == [], place
        rows = csv_rows(mei.ask("GET", "/projects?file=csv&sort=name&columns=path,state").content)
        assert rows == [["Path", "State"], ["bank/core/ledger", "pending"], ["bank/core/posting", "pending"],
                        ["bank/core/quiet", "no pipeline yet"]]  # fmt: skip

    def test_people_are_looked_for_sorted_and_taken_along(self, busy):
        mei = busy.browser("mei")
        assert re.findall(r'href="/people/(\d+)"', mei.ask("GET", "/people?sort=-name").text) == ["2", "1"]
        assert re.findall(r'href="/people/(\d+)"', mei.ask("GET", "/people?q=林").text) == ["1"]
        rows = csv_rows(mei.ask("GET", "/people?file=csv&columns=name,roles").content)
        assert rows[0] == ["Name", "Roles"]
        assert [row[0] for row in rows[1:]] == ["mei", "omar"]

    def test_stars_come_and_go(self, busy):
        mei = busy.browser("mei")
        assert mei.post("/nodes/2/star", starred="1", next="/nodes/2").headers["location"] == "/nodes/2"
        assert mei.ask("GET", "/api/v1/me/stars").json() == {"nodes": [2]}
        mei.post("/nodes/2/star", starred="0", next="//evil.example")
        assert mei.ask("GET", "/api/v1/me/stars").json() == {"nodes": []}
