"""Secrets as programs print them: as shells quote them, in JSON, in addresses, with bytes inside that nobody sees."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.kernel import Masker
from plumbline.kernel.controls import without_controls

SECRETS = [
    'it\'s"quoted"x',
    "pässwörd-密码",
    "a'b''c",
    "$HOME`id`\\n!x",
    "'quoted'",
    "#comes ~first",
    "~comes;first",
    "<a href=\"x\">&'y'+/z",
    "tab\there",
    "smile😀face",
]


def shown(secret: str, printed: bytes) -> bytes:
    """What is left, however the stream is cut."""
    whole = Masker([secret])
    once = whole.feed(printed) + whole.flush()
    pieces = Masker([secret])
    assert b"".join(pieces.feed(bytes((byte,))) for byte in printed) + pieces.flush() == once
    return once


def gone(secret: str, printed: bytes) -> None:
    left = shown(secret, printed)
    assert b"[MASKED]" in left, printed
    assert all(word.encode() not in left for word in secret.split("'") if len(word) > 4), printed  # noqa: PLR2004


@pytest.mark.parametrize("secret", SECRETS)
def test_as_texts(secret: str) -> None:
    for text in (secret, f"user:{secret}@host"):
        dumped = json.dumps(text)
        upper = "".join(c if c < "\x7f" else f"\\u{ord(c):04X}" if ord(c) < 0x10000 else c for c in dumped)
        for printed in (
            dumped,
            json.dumps(text, ensure_ascii=False),
            json.dumps(dumped),
            json.dumps(dumped, ensure_ascii=False),
            dumped.replace("/", "\\/"),
            json.dumps(text, ensure_ascii=False).translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&"}),
            upper,
            repr(text),
            ascii(text),
            repr(text.encode()),
            shlex.quote(text),
            quote(text, safe=""),
            quote(text),
            quote_plus(text),
            quote(text, safe="!'()*"),
            re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
        ):
            gone(secret, printed.encode())


def in_shell(shell: str, secret: str, script: str, **more: str) -> bytes:
    environment = {"PATH": os.environ["PATH"], "S": secret, **more}
    done = subprocess.run([shell, "-c", script], env=environment, check=True, capture_output=True)
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("shell", ["bash", "dash", "busybox"])
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_as_shells_print_them(secret: str, shell: str, locale: str) -> None:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"no {shell}")
    lines = [': "$S"', ': "user:$S@host"', 'X="$S"', 'set -- -d "{\\"p\\": \\"$S\\"}"']
    scripts = [f"set -x; {line}" for line in lines] + ["export -p", "set"]
    if shell == "bash":
        scripts += [
            "printf '%q\\n' \"$S\"",
            "printf '%q\\n' \"u:$S\"",
            "declare -p S",
            'echo "${S@Q}"',
            'echo "${S@A}"',
        ]
    for script in scripts:
        command = script if shell != "busybox" else f"exec busybox sh -c {shlex.quote(script)}"
        printed = in_shell("bash" if shell == "busybox" else path, secret, command, LC_ALL=locale)
        gone(secret, printed)


@pytest.mark.parametrize("secret", ["hunter22", 'it\'s"quoted"x', "pässwörd-密码"])
@pytest.mark.parametrize(
    "between", ["\0", "\x1b]0;title\x07", "\x1b[31m", "\x1b]8;;x\x1b\\", "\x7f\x08", "\u200b", "\x1b(B"]
)
def test_with_what_a_page_does_not_show_inside(secret: str, between: str) -> None:
    printed = between.join(secret).encode()
    assert secret.encode() not in without_controls(shown(secret, printed))
    assert secret.encode() not in without_controls(shown(secret, between.join(shlex.quote(secret)).encode()))


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=6, max_size=24), st.integers(1, 7))
def test_any_secret_in_json_and_in_a_shell(secret: str, size: int) -> None:
    plain = secret.strip()
    if len(plain.splitlines()) != 1 or len(plain) < 6 or not plain.isprintable():
        return
    for form in (json.dumps(plain), json.dumps(plain, ensure_ascii=False), shlex.quote(plain), ascii(plain)):
        data = f"<{form}>".encode()
        masker = Masker([plain])
        pieces = [masker.feed(data[at : at + size]) for at in range(0, len(data), size)]
        left = b"".join(pieces) + masker.flush()
        assert form[1:-1].encode() not in left
        assert b"[MASKED]" in left
