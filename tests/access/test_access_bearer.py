"""How secrets are written, read and compared; and how long to wait after failures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.access import csrf_matches, csrf_token, digest, read_token, write_secret, write_token
from plumbline.access.throttle import SECOND, Throttle, wait_after
from plumbline.model.person import Failures


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=32, max_size=32))
def test_a_token_is_read_as_it_was_written(id_bytes, secret_bytes):
    text, parts = write_token(id_bytes, secret_bytes)
    assert text.replace("_", "").isalnum()
    assert read_token(text) == parts
    assert read_token(f" {text}\n") == parts


def test_different_randomness_gives_different_tokens():
    texts = {write_token(n.to_bytes(8, "big"), bytes(32))[0] for n in range(300)}
    texts |= {write_token(bytes(8), n.to_bytes(32, "little"))[0] for n in range(1, 300)}
    assert len(texts) == 599


@pytest.mark.parametrize(
    "text",
    ["", "plumb_", "plumb_abc_def", "glpat-12345", "plumb_" + "a" * 11 + "_" + "b" * 42, "plumb_" * 9999, "\ud800"],
)
def test_what_is_not_a_token_is_none(text):
    assert read_token(text) is None


def test_what_is_kept_is_not_the_secret():
    secret = write_secret(bytes(range(32)))
    assert len(secret) == 43
    assert len(digest(secret)) == 32
    assert secret.encode() not in digest(secret)


def test_the_csrf_token_belongs_to_its_session():
    shown = csrf_token("session one")
    assert csrf_matches("session one", shown)
    assert not csrf_matches("session two", shown)
    assert not csrf_matches("session one", "")
    assert not csrf_matches("session one", "密")
    assert "session" not in shown


RULES = Throttle(free=3, lock=6, longest=100 * SECOND, forgotten=1000 * SECOND)


@pytest.mark.parametrize(
    ("count", "later", "wait"),
    [
        (0, 0, 0),
        (2, 0, 0),  # still free
        (3, 0, 1),
        (4, 0, 2),
        (5, 0, 4),
        (5, 3, 1),  # part of it is over
        (5, 4, 0),
        (6, 0, 100),  # locked
        (500, 0, 100),
        (6, 99, 1),
        (6, 100, 0),
        (500, 1000, 0),  # forgotten
        (6, -50, 100),  # the clock went back: no longer than the whole
    ],
)
def test_each_failure_doubles_the_wait(count, later, wait):
    last = 10_000 * SECOND
    assert wait_after(Failures(count=count, last=last), last + later * SECOND, RULES) == wait * SECOND
