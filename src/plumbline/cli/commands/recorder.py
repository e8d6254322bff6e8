"""``plumb recorder``: the file with which a test suite records what it calls."""

from __future__ import annotations

import click

from plumbline.cli.errors import OK
from plumbline.cli.help import Choice, command
from plumbline.kernel import t

KINDS = {  # file, and what is put in place of what
    "python": ("plumbline_recorder.py", ()),
    "jakarta": ("PlumblineCallRecorder.java", ()),
    "javax": ("PlumblineCallRecorder.java", (("import jakarta.", "import javax."),)),
}


@command(
    "recorder",
    t("Print the file with which tests record the operations that they call: python, jakarta or javax."),
    t("Keep it beside the tests: plumb recorder python > tests/plumbline_recorder.py. How it is used stands in it."),
)
@click.argument("kind", type=Choice(list(KINDS)), metavar="KIND")
def PART(kind: str) -> int:  # noqa: N802
    click.echo(source_of(kind), nl=False)
    return OK


def source_of(kind: str) -> str:
    """The file for one kind of service."""
    from importlib.resources import files

    name, changes = KINDS[kind]
    text = files("plumbline").joinpath("shipped", "recorders", name).read_text(encoding="utf-8")
    for old, new in changes:
        text = text.replace(old, new)
    return text
