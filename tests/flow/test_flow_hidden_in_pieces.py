"""A masked value that a job prints in pieces, with something between them that nobody sees, is seen by nobody: not in
what is stored, not on the page, not in a terminal, not in what is said of the pipeline."""

from __future__ import annotations

import pytest

from plumbline.adapters.jobs.output import Output
from plumbline.cli.display.log_lines import clean, coloured
from plumbline.flow.jobs.job_log import FileLog, StoredLog
from plumbline.flow.jobs.redactor import Redactor
from plumbline.kernel import Masker, t
from plumbline.kernel.controls import invisible, signs
from plumbline.model.pipeline import Variable
from plumbline.web.log_lines import LogIndex, shown

SECRET = "s3cret-of-the-bank"
BETWEEN = {
    "nothing": "",
    "null": "\0",
    "bell": "\x07",
    "delete": "\x7f",
    "colour": "\x1b[1;31m",
    "cursor": "\x1b[?25l",
    "title": "\x1b]0;a title\x07",
    "link": "\x1b]8;;https://bank.example\x1b\\",
    "device": "\x1bPq#0\x1b\\",
    "letters": "\x1b(B",
    "alone": "\x1b",
    "begun": "\x1b]",
    "c1": "\x85",
    "zero width": "\u200b",
    "direction": "\u202e",
    "mark": "section_start:1700000000:x\r\x1b[0K",
    "marks": "section_end:1700000000:x\r\x1b[0Ksection_start:1700000000:y\r\x1b[0K",
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_log_shows_it_to_nobody(tmp_path, between, size):
    path = tmp_path / "log"
    log = FileLog(path.open("wb", buffering=0))
    output = Output(log, Masker([SECRET]), 10_000)
    said = f"the password is {SECRET[:5]}{between}{SECRET[5:]}!\nand the rest\n".encode()
    for at in range(0, len(said), size):  # what a job writes comes in pieces of any size
        output.write(said[at : at + size])
    output.flush()
    log.close()
    lines = LogIndex().read(StoredLog(str(path), lambda: True), 1, 10)
    stored = path.read_bytes()
    seen = [invisible().sub(b"", stored).decode(), signs().sub(b"", stored).decode(), stored.decode()]
    seen += [show(line.decode()) for line in lines for show in (clean, coloured)]
    seen += [plain(shown(line)) for line in lines]
    assert not [one for one in seen if SECRET in one]
    assert "and the rest" in clean(lines[-1].decode())
    if "section" not in between:
        assert b"the password is [MASKED]" in stored


def plain(text: str) -> str:
    """As a page draws it: colours are classes, and what else begins with an escape is left out (static/ansi.js)."""
    import re

    escape = r"\x1b\[([0-9;:]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x1b."
    return re.sub("[\0-\x08\x0b-\x1f]", "", re.sub(escape, "", text))


@pytest.mark.parametrize("between", [one for one in BETWEEN.values() if "section" not in one])
def test_what_is_said_of_a_pipeline_does_not_tell_it(between):
    redactor = Redactor([Variable(name="PASSWORD", value=SECRET, masked=True)])
    said = f"{SECRET[:5]}{between}{SECRET[5:]}"
    for text in (redactor.text(said), str(redactor.message(t("{value} is wrong.", value=said)))):
        assert "[MASKED]" in text
        assert SECRET[:5] not in text


def test_what_a_page_shows_of_a_line():
    assert shown(b"section_start:1:a\r\x1b[0K\x1b[36;1mTitle\x1b[0;m") == "\x1b[36;1mTitle\x1b[0;m"
    assert shown(b"a\x1b[2Kb\0c\x1b]0;t\x07d\te\r") == "abcd\te\r"
    assert shown("⚠️ 👩‍👧 密码".encode()) == "⚠️ 👩‍👧 密码"
    assert clean("a\u00a0b\x1b[31mc\ue000") == "a bc\N{REPLACEMENT CHARACTER}"
