"""Secrets never pass a masker, however the stream is cut."""

from __future__ import annotations

import base64
from itertools import pairwise
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cost import cost

from plumbline.kernel import Masker, without_password
from plumbline.kernel.controls import LONGEST_STRING, invisible, signs, without_controls

PASSWORD = "s3cr3t/p4ss word+é"
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\r\nabc\nx9x9x9x9x9x9\n-----END KEY-----\n"


def in_pieces(masker: Masker, data: bytes, size: int) -> bytes:
    return b"".join(masker.feed(data[at : at + size]) for at in range(0, len(data), size)) + masker.flush()


def whole(secrets: list[bytes], data: bytes) -> bytes:
    return in_pieces(Masker(secrets), data, len(data) or 1)


def test_without_secrets_the_same_bytes_object_comes_back() -> None:
    data = b"as it was"
    assert Masker().feed(data) is data
    assert Masker(["", b""]).feed(data) is data
    assert Masker().mask_text("text") == "text"


@pytest.mark.parametrize(
    ("secrets", "data", "shown"),
    [
        (["hunter22"], b"a hunter22 b", b"a [MASKED] b"),
        (["hunter22"], b"hunter22hunter22", b"[MASKED][MASKED]"),
        (["hunter22"], b"hunter2", b"hunter2"),
        (["hunter22", "hunter22-long"], b"hunter22-long hunter22-lon", b"[MASKED] [MASKED]-lon"),
        (["abcd", "cdef"], b"-abcdef-", b"-[MASKED]-"),  # overlapping in the output: nothing of either is left
        (["aaaa"], b"baaaaaaab", b"b[MASKED]b"),
        ([b"\xff\xfe\x00\x01"], b"<\xff\xfe\x00\x01>", b"<[MASKED]>"),
        (["hunter22\n"], b"hunter22\n", b"[MASKED]\n"),
        ([PEM], PEM.encode(), b"[MASKED]\n"),
        (["\x1b[1mhunter\x1b[0m22"], b"\x1b[1mhunter\x1b[0m22", b"\x1b[1m[MASKED]\x1b[0m"),
        ([PEM], b"only x9x9x9x9x9x9 and abc", b"only [MASKED] and abc"),
        (["hunter22"], b"hun\x1b[0;31mter\x1b[0m22!", b"[MASKED]\x1b[0;31m\x1b[0m!"),
        (["hunter22"], b"\x1b[1mhunter22\x1b[0m", b"\x1b[1m[MASKED]\x1b[0m"),
        (["hunter22"], b"\x1b[1mhunter2\x1b[0m3", b"\x1b[1mhunter2\x1b[0m3"),
        (["hunter22"], b"hun\0ter22!", b"[MASKED]!"),
        (["hunter22"], b"hun\x1b]0;a title\x07ter22!", b"[MASKED]\x07!"),
        (["hunter22"], b"hun\x1b]8;;http://x\x1b\\ter22!", b"[MASKED]\x1b\\!"),
        (["hunter22"], b"hun\x1b]0;never ended\n", b"hun\x1b]0;never ended\n"),
        (["hunter22"], b"hun\x1b]ter22 and no end\n", b"[MASKED] and no end\n"),
        (["hunter22"], b"\x1b]0;hunter22\x07", b"\x1b]0;[MASKED]\x07"),  # in the title of the terminal
        (["hunter22"], b"hun\x1bter22!", b"[MASKED]!"),  # seen whole where one sees signs and no sequences
        (["hunter22"], b"hun\x1b(Bter22!", b"[MASKED]!"),
        (["hunter22"], b"hun\x1b[?25lter\x1b[38:5:1m22!", b"[MASKED]\x1b[?25l\x1b[38:5:1m!"),
        (["hunter22"], b"hun\x1bP1;2|x\x1b\\ter22!", b"[MASKED]\x1b\\!"),
        (["hunter22"], b"h\x7fu\x08n\x0ct\x0be\x01r22!", b"[MASKED]!"),
        (["hunter22"], "hun\u200bter\ufeff2\u00ad2!".encode(), b"[MASKED]!"),
        (["hunter22"], "hun\x85ter\u202e2\U000e00012!".encode(), b"[MASKED]!"),
        (["12345678"], b"\x1b[12345678m", b"\x1b[[MASKED]m"),
        (["hun\0ter22"], b"hunter22 hun\0ter22!", b"[MASKED] [MASKED]!"),
        (["\0\1\2A"], b"A\0\1\2A!", b"A[MASKED]!"),  # of what is hardly seen at all every letter counts
        (["密码密码"], "，密\u200d码\x1b[1m密\0码。\n".encode(), "，[MASKED]\x1b[1m。\n".encode()),
        (['pass"word\\1'], b'{"key": "pass\\"word\\\\1"}', b'{"key": "[MASKED]"}'),
    ],
)
def test_shown(secrets: list[str | bytes], data: bytes, shown: bytes) -> None:
    for size in range(1, len(data) + 1):
        assert in_pieces(Masker(secrets), data, size) == shown


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "user:"])
@pytest.mark.parametrize("after", ["", "\n", ":x", "zz"])
@pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_at_every_alignment_hides_all_but_the_shared_bits(before: str, after: str, alphabet) -> None:
    secret = "sü?>?>~correct-horse"
    text = alphabet((before + secret + after).encode())
    shown = whole([secret.encode()], b"Authorization: Basic " + text + b".")
    assert b"[MASKED]" in shown
    visible = shown.removeprefix(b"Authorization: Basic ").removesuffix(b".").split(b"[MASKED]")
    room = (len(before.encode()) * 8 + 5) // 6
    assert len(visible[0]) <= room
    assert len(visible[1]) <= len(text) - (len((before + secret).encode()) * 8) // 6


def test_base64_alone_leaves_nothing_and_survives_line_wrapping() -> None:
    for secret in (b"correct-horse", b"correct-horse-", b"correct-horse-b"):
        assert whole([secret], base64.b64encode(secret)) == b"[MASKED]"
        assert whole([secret], base64.b64encode(secret + b"\n") + b"\n") == b"[MASKED]\n"
        assert whole([secret], base64.b64encode(secret).rstrip(b"=")) == b"[MASKED]"
    long = bytes(range(33, 127)) * 2
    assert set(whole([long], base64.encodebytes(long)).split()) == {b"[MASKED]"}


def test_percent_encoded() -> None:
    for form in (quote(PASSWORD, safe=""), quote(PASSWORD), quote_plus(PASSWORD), quote(PASSWORD, safe="").lower()):
        if form == form.lower() and PASSWORD.lower() != PASSWORD:
            continue
        assert whole([PASSWORD.encode()], f"https://u:{form}@host/".encode()) == b"https://u:[MASKED]@host/"


def test_only_the_beginning_of_a_secret_is_held_back() -> None:
    masker = Masker(["hunter22"])
    assert masker.feed(b"progress 10%") == b"progress 10%"
    assert masker.feed(b" hunt") == b" "
    assert masker.pending == 4
    assert masker.feed(b"ing") == b"hunting"
    assert masker.pending == 0
    assert masker.feed(b"hunter2") + masker.feed(b"2") == b"[MASKED]"
    assert masker.flush() == b""
    assert masker.feed(b"hun") == b""
    assert masker.flush() == b"hun"
    assert masker.flush() == b""


def test_texts_are_masked_without_touching_the_stream() -> None:
    masker = Masker([PASSWORD])
    masker.feed(PASSWORD.encode()[:5])
    assert masker.mask_text(f"<failure>{PASSWORD}\udcff</failure>") == "<failure>[MASKED]\udcff</failure>"
    assert masker.feed(PASSWORD.encode()[5:]) == b"[MASKED]"


PIECES = [b"a", b"b", b"ab", b"aab", b"\n", b"\x1b[1m", b"\x1b[", b"\x1b", b"x", b"\0", b"\x1b]0;", b"\x07", b"\\",
          b"]", b"\x1b(", b"\xe2", b"\x80\x8b", b"\xc2", b"\x85", b"m", b"\x1bP", b";"]  # fmt: skip


@pytest.mark.parametrize("secret", [b"abab", b"baab", b"aaaa", b"1;ma"])
@settings(max_examples=200, deadline=None)
@given(parts=st.lists(st.sampled_from(PIECES), max_size=30), size=st.integers(1, 9))
def test_whatever_stands_between_its_letters_nobody_sees_a_secret(secret: bytes, parts: list[bytes], size: int) -> None:
    data = b"".join(parts)
    shown = in_pieces(Masker([secret]), data, size)
    assert shown == in_pieces(Masker([secret]), data, len(data) or 1)
    for seen in (shown, invisible().sub(b"", shown), signs().sub(b"", shown), without_controls(shown)):
        assert secret not in seen


@pytest.mark.parametrize("data", [b"\x1b[abab", b"\x1b[\x1b[abab", b"x\x1b[0;1abab", b"\x1b[1m\x1b[abab"])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_end_of_a_sequence_that_begins_a_secret(data: bytes, size: int) -> None:
    """Who knows no sequences reads it whole."""
    assert b"abab" not in signs().sub(b"", in_pieces(Masker(["abab"]), data, size))


def test_a_sequence_that_does_not_end_is_not_waited_for_without_end() -> None:
    masker = Masker(["hunter22"])
    shown = masker.feed(b"\x1b]0;" + b"x" * (LONGEST_STRING + 1))
    assert len(shown) > LONGEST_STRING
    assert masker.pending == 0


small = st.binary(min_size=1, max_size=5).map(lambda b: bytes(b"ab\n\x1b"[c % 4] for c in b))
noisy = st.lists(st.sampled_from(PIECES), max_size=40)


@settings(max_examples=400, deadline=None)
@given(secrets=st.lists(small, max_size=3), parts=noisy, cuts=st.lists(st.integers(0, 60), max_size=8))
def test_the_output_does_not_depend_on_how_the_input_is_cut(
    secrets: list[bytes], parts: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(parts)
    masker = Masker(secrets)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = b"".join(masker.feed(data[a:b]) for a, b in pairwise(edges)) + masker.flush()
    assert pieces == whole(secrets, data)


@settings(max_examples=200, deadline=None)
@given(
    secret=st.text(st.characters(codec="utf-8", exclude_characters="\n\r\x0b\x0c\x1b"), min_size=8, max_size=40)
    .map(str.encode)
    .filter(bytes.strip),
    before=st.binary(max_size=20),
    after=st.binary(max_size=20),
    size=st.integers(1, 30),
)
def test_no_secret_gets_through(secret: bytes, before: bytes, after: bytes, size: int) -> None:
    shown = in_pieces(Masker([secret]), before + secret + after, size)
    assert b"[MASKED]" in shown
    assert not any(secret in part for part in shown.split(b"[MASKED]"))


def test_a_large_output_is_cheap_to_search() -> None:

    def search() -> None:
        for at in range(0, len(data), 65536):
            masker.feed(data[at : at + 65536])

    masker = Masker([f"secret-number-{n}-{n * 7919:x}" for n in range(3)])
    data = b"Downloading package foo-1.2.3.whl (0123456789abcdef)\n" * 20_000
    assert cost(search) < 4  # a megabyte; seen: 0.3


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://ada:s3cret@git.bank/x.git", "https://git.bank/x.git"),
        ("https://t0ken@git.bank/x.git", "https://git.bank/x.git"),
        ("https://a@b:s3cret@git.bank/x@y.git", "https://git.bank/x@y.git"),
        ("HTTPS://ada:s3cret@git.bank?x", "HTTPS://git.bank?x"),
        ("ssh://git:s3cret@git.bank/x.git", "ssh://git@git.bank/x.git"),
        ("ssh://git@git.bank/x", "ssh://git@git.bank/x"),
        ("git@git.bank:x.git", "git@git.bank:x.git"),
        ("/srv/x.git", "/srv/x.git"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(address: str, shown: str) -> None:
    assert without_password(address) == shown
