"""Bodies of forms, as browsers write them and as nobody should: what is no form gives nothing."""

from __future__ import annotations

import random

import pytest

from plumbline.http.forms import MOST_PARTS, Upload, read_form

MEDIA = "multipart/form-data; boundary=----edge"
LINES = "application/x-www-form-urlencoded"


def part(name: str, value: bytes, file: str | None = None, *more: str) -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{file}"' if file is not None else "")
    return "\r\n".join(["------edge", head, *more, "", ""]).encode() + value + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"------edge--\r\n"


def test_fields_and_files_come_in_one_form() -> None:
    file = part("report", b"\x00\xff\r\n--not the edge\r\n", "out.bin", "Content-Type: application/octet-stream")
    found = read_form(form(part("a", b"1"), file, part("b", b"two\r\nlines")), MEDIA)
    assert found == ({"a": "1", "b": "two\r\nlines"}, (Upload("out.bin", b"\x00\xff\r\n--not the edge\r\n"),))


def test_names_and_values_may_be_in_any_script() -> None:
    found = read_form(form(part("原因", "已批准 ✓".encode()), part("report", b"x", "报告 1.pdf")), MEDIA)
    assert found == ({"原因": "已批准 ✓"}, (Upload("报告 1.pdf", b"x"),))
    assert read_form("原因=已批准&b=%E5%B7%B2+x".encode(), LINES) == ({"原因": "已批准", "b": "已 x"}, ())


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert read_form(form(part("a", b"\xff\xfe")), MEDIA)[0] == {"a": "\ufffd\ufffd"}
    assert read_form(b"a=%FF%FE", LINES)[0] == {"a": "\ufffd\ufffd"}


def test_a_file_that_was_not_chosen_is_neither_file_nor_field() -> None:
    assert read_form(form(part("report", b"", ""), part("other", b"", "empty.txt"), part("a", b"")), MEDIA) == (
        {"a": ""},
        (),
    )


def test_the_last_of_two_fields_holds_as_it_does_in_a_plain_form() -> None:
    assert read_form(form(part("a", b"1"), part("a", b"2")), MEDIA) == ({"a": "2"}, ())
    assert read_form(b"a=1&a=2", LINES) == ({"a": "2"}, ())


def test_quotes_in_a_name_are_read() -> None:
    assert read_form(form(part('say \\"x\\"', b"1")), MEDIA)[0] == {'say "x"': "1"}


@pytest.mark.parametrize(
    "media", [MEDIA, MEDIA.upper().replace("EDGE", "edge"), MEDIA.replace("----edge", '"----edge"')]
)
def test_the_media_type_is_read_as_http_writes_it(media: str) -> None:
    assert read_form(form(part("a", b"1")), media)[0] == {"a": "1"}


def test_as_many_fields_as_a_form_may_have_and_not_one_more() -> None:
    many = [part(f"f{number}", b"1") for number in range(MOST_PARTS)]
    assert len(read_form(form(*many), MEDIA)[0]) == MOST_PARTS
    assert read_form(form(*many, part("more", b"1")), MEDIA) == ({}, ())
    assert len(read_form(b"&".join(b"f%d=1" % number for number in range(MOST_PARTS)), LINES)[0]) == MOST_PARTS
    assert read_form(b"&".join(b"f%d=1" % number for number in range(MOST_PARTS + 1)), LINES) == ({}, ())


@pytest.mark.parametrize(
    "media",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        "multipart/form-data; boundary=" + "x" * 100_000,
        "multipart/form-data; boundary=\ud800密",
        "multipart/form-data; boundary=other",
    ],
)
def test_without_the_right_boundary_there_is_no_form(media: str) -> None:
    assert read_form(form(part("a", b"1")), media) == ({}, ())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a=1",
        b"------edge",
        b"------edge--",
        b"------edge\r\n\r\nno name\r\n------edge--\r\n",
        b"------edge\r\nContent-Disposition: form-data\r\n\r\nno name\r\n------edge--\r\n",
        b"------edge\r\n\xff\x00: x\r\n\r\nno header\r\n------edge--\r\n",
        b"------edge\r\nContent-Disposition: " + b"x" * 100_000 + b"\r\n\r\nlong\r\n------edge--\r\n",
        form(part("a", b"1"))[:-20],
        b"\r\n" * 100_000,
    ],
)
def test_what_is_cut_off_or_no_form_gives_nothing(data: bytes) -> None:
    assert read_form(data, MEDIA) == ({}, ())


def test_no_bytes_make_it_raise() -> None:
    chance = random.Random(20)
    whole = form(part("a", b"1"), part("report", b"x" * 50, "r.txt"))
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(data))
            data[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        fields, files = read_form(bytes(data), MEDIA)
        assert all(isinstance(value, str) for value in fields.values())
        assert all(file.data for file in files)
