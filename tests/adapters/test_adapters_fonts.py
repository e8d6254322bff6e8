"""No character of a report is lost: it has a glyph, or stands there by its code point, counted and warned of."""

from __future__ import annotations

import struct

import msgspec
import pytest
from tests.adapters.test_adapters_renderers import graded, text_of

from plumbline.adapters.doctor import check_fonts
from plumbline.adapters.renderers import fonts, marking, render_html, render_pdf
from plumbline.adapters.renderers.coverage import coverage
from plumbline.kernel.text import in_language
from plumbline.maturity import Beside
from plumbline.model.health import Health

RARE = "𠮷㐂𰻞頠韡囧婳"
TRADITIONAL = "記帳審計單據"
TURNS = "\u202e"  # what follows is read from right to left


@pytest.fixture
def lonely(monkeypatch):
    """A machine without any fonts but ours."""
    monkeypatch.setattr(fonts, "_of_system", list)
    monkeypatch.delenv(fonts.FOLDERS, raising=False)


def called(name):
    """A report on something of this name, in short."""
    made = graded(False)
    titled = Beside(titles={made.scope.subject: name})
    return made, titled


def font(*ranges, form=12):
    """A font file that has nothing but which characters it has glyphs for."""
    if form == 12:
        groups = b"".join(struct.pack(">III", first, last, 1) for first, last in ranges)
        table = struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(ranges)) + groups
    else:
        segments = [*ranges, (0xFFFF, 0xFFFF)]
        columns = zip(*((last, first, 1 - first, 0) for first, last in segments), strict=True)
        lasts, firsts, deltas, offsets = (struct.pack(f">{len(one)}H", *(n % 65536 for n in one)) for one in columns)
        body = (
            struct.pack(">HHHHHHH", 4, 0, 0, 2 * len(segments), 0, 0, 0) + lasts + b"\0\0" + firsts + deltas + offsets
        )
        table = body
    cmap = struct.pack(">HHHHI", 0, 1, 3, 10 if form == 12 else 1, 12) + table
    return struct.pack(">IHHHH4sIII", 0x00010000, 1, 0, 0, 0, b"cmap", 0, 28, len(cmap)) + cmap


@pytest.mark.parametrize("form", [4, 12])
def test_a_font_says_which_characters_it_has(tmp_path, form):
    path = tmp_path / "some.ttf"
    path.write_bytes(font((0x41, 0x5A), (0x4E00, 0x4E10), form=form))
    known = coverage(str(path))
    assert all(code in known for code in (0x41, 0x5A, 0x4E00, 0x4E10))
    assert not any(code in known for code in (0x40, 0x5B, 0x4DFF, 0x4E11))


def test_what_is_no_font_has_nothing(tmp_path):
    whole = font((0x41, 0x5A))
    for number, data in enumerate((b"", b"ttcf", whole[:30], whole[:5], b"\xff" * 200)):
        path = tmp_path / f"{number}.ttf"
        path.write_bytes(data)
        assert 0x41 not in coverage(str(path))
    assert 0x41 not in coverage(str(tmp_path / "gone.ttf"))


def test_our_own_fonts_have_what_chinese_and_vietnamese_are_mostly_written_with():
    assert all(fonts.shipped(ord(one)) for one in "aé，。的一是支付〇①×→●")
    assert all(fonts.shipped(ord(one)) for one in "Nguyễn Thị Bưởi, Đặng Ỷ, 5 ₫")
    assert not any(fonts.shipped(ord(one)) for one in RARE)
    regular, bold = (coverage(str(fonts.SHIPPED / f"NotoSansSC-{weight}.ttf")) for weight in ("Regular", "Bold"))
    assert [code for code in range(0x20000) if (code in regular) != (code in bold)] == []


def test_fonts_of_a_folder_that_is_set_come_before_those_of_the_system(tmp_path, monkeypatch, lonely):
    for name in ("ours", "system"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "NotoSansCJK-Regular.ttf").write_bytes(font((0x20BB7, 0x20BB7)))
    (tmp_path / "ours" / "NotoSansCJK-Bold.ttf").write_bytes(font((0x20BB7, 0x20BB7)))
    (tmp_path / "system" / "other.otf").write_bytes(font((0x3402, 0x3402)))
    monkeypatch.setattr(fonts, "_of_system", lambda: [str(tmp_path / "system")])
    monkeypatch.setenv(fonts.FOLDERS, str(tmp_path / "ours"))
    files, missing = fonts.further(map(ord, "𠮷㐂囧"))
    assert [one.removeprefix(str(tmp_path)) for one in files] == [
        "/ours/NotoSansCJK-Regular.ttf", "/ours/NotoSansCJK-Bold.ttf", "/system/other.otf",
    ]  # fmt: skip
    assert missing == {ord("囧")}
    assert fonts.further(()) == ((), frozenset())


def test_a_character_without_a_glyph_stands_by_its_code_point_and_is_counted(lonely):
    made, beside = called(RARE + "支付" + TRADITIONAL)
    rendered = render_pdf(made, "en", "short", beside)
    text = text_of(rendered.data)
    assert all(f"U+{ord(one):04X}" in text for one in RARE)
    assert "支付" in text
    (warning,) = rendered.warnings
    assert "U+20BB7" in warning
    assert "are shown by their code points" in warning
    assert warning[:50] in " ".join(text.split())  # at the end of the report as well


def test_the_doctor_says_whether_there_is_a_full_font(lonely, tmp_path, monkeypatch):
    found = check_fonts()
    assert found.health is Health.WARNING
    assert "囧" in str(found.message)
    assert "PLUMBLINE_FONTS" in str(found.cure)
    (tmp_path / "some.ttf").write_bytes(font((0x21, 0x2FFFF)))
    monkeypatch.setenv(fonts.FOLDERS, str(tmp_path))
    assert check_fonts().health is Health.OK


def test_how_many_there_are_is_counted_and_not_how_many_kinds():
    with in_language("en"):
        assert marking.warning("a囧b囧", frozenset(map(ord, "囧"))).startswith("2 characters")
        assert marking.warning("abc", frozenset()) == ""


def test_a_report_without_rare_characters_says_nothing_and_looks_for_no_font(monkeypatch):
    monkeypatch.setattr(fonts, "_installed", lambda: pytest.fail("looked for fonts"))
    made, beside = called("支付 payments")
    rendered = render_pdf(made, "zh_CN", "short", beside)
    assert rendered.warnings == ()
    assert "U+" not in text_of(rendered.data)


def test_what_turns_the_direction_is_seen_and_turns_nothing(lonely):
    made, beside = called(f"pay{TURNS}ments\x07 \u2066x")
    text = text_of(render_pdf(made, "en", "short", beside).data)
    assert "payU+202Ements" in text.replace(" ", "")
    assert "U+0007" in text
    page = render_html(made, "en", "short", beside)
    assert "pay⟦U+202E⟧ments" in page
    assert not marking.HARMFUL & set(map(ord, page))


@pytest.mark.parametrize("text", ["\x01", "\\\x01", "\\u0001", "a\\", "\x08\x0c", '"\x1f"', "\n\t"])
def test_controls_are_marked_in_json_and_nothing_else_is_changed(text):
    read = msgspec.json.decode(marking.mark_json(msgspec.json.encode(text).decode(), ()))
    assert read == "".join(f"⟦U+{ord(one):04X}⟧" if ord(one) < 32 and one not in "\n\t" else one for one in text)


def test_rare_characters_are_shown_where_a_font_has_them():
    files, missing = fonts.further(map(ord, RARE))
    if missing:
        pytest.skip("no font of this machine has them")
    made, beside = called(RARE + TRADITIONAL)
    rendered = render_pdf(made, "zh_CN", "short", beside)
    assert rendered.warnings == ()
    assert RARE in "".join(text_of(rendered.data).split())
    assert files
