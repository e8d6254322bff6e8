"""Durations and sizes as people write them; every state and reason has a word and a sign."""

from __future__ import annotations

import pytest

from plumbline.cli.display.words import Paint, duration, reason_word, sign, size, state_word
from plumbline.kernel.text import in_language
from plumbline.model.job import FailureReason, State


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0s"),
        (0.44, "0.4s"),
        (59.94, "59.9s"),
        (59.96, "1m 00s"),
        (125, "2m 05s"),
        (3599.7, "1h 00m"),
        (3720, "1h 02m"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 * 1024**4, "5120.0 GiB")]
)
def test_size(count, text):
    assert size(count) == text


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_word_in_both_languages(state):
    english = str(state_word(state))
    with in_language("zh"):
        assert english != str(state_word(state))


@pytest.mark.parametrize("reason", list(FailureReason))
def test_every_reason_has_words(reason):
    assert str(reason_word(reason))


def test_an_allowed_failure_does_not_look_like_a_failure():
    assert sign(State.FAILED) != sign(State.FAILED, allowed=True)
    assert str(state_word(State.FAILED)) != str(state_word(State.FAILED, allowed=True))


def test_paint_is_silent_when_not_wanted():
    assert Paint(False)("x", "red") == "x"
    assert Paint(True)("x", "red") == "\x1b[31mx\x1b[0m"
