"""Start a pipeline by hand: which branch or tag, and what its configuration asks for."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.flow.pipelines.run_form import check_form, find_refs, run_form
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.project import frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.kernel import Text

SUGGESTED = 20  # branches and tags
ROWS = 3  # for more variables, empty ones
MOST_ROWS = 60
_VARIABLE, _INPUT, _NAME, _VALUE = "var.", "input.", "name.", "value."  # how names of fields begin


@shows("/projects/{node:int}/run", use_case=use_cases.RUN_PIPELINE, slow=True, inside="pipelines")
def ask_for_it(ask: Ask) -> Shown:
    return _form(ask, ask.text("ref").strip())


@shows("/projects/{node:int}/refs", use_case=use_cases.RUN_PIPELINE)
def refs(ask: Ask) -> Raw:
    """For the script of the form: JSON, a list of names."""
    found = find_refs(ask.actor, ask.tools.pipelines, ask.numbers["node"], ask.text("q").strip(), SUGGESTED)
    return Raw(msgspec.json.encode(found.names), "application/json")


@does("/projects/{node:int}/run", use_case=use_cases.RUN_PIPELINE)
@keeps(ask_for_it)
def run(ask: Ask) -> Redirect | Shown:
    """``look``: show what is asked for of another branch, or one more row, and start nothing."""
    project, ref, look = ask.numbers["node"], ask.text("ref").strip(), ask.text("look")
    if look:
        ref = ref if look == "1" else look
        shown = _form(replace(ask, form={}), ref)
        return replace(shown, values={**shown.values, "typed": {**ask.form, "ref": ref}})
    given = {name.removeprefix(_INPUT): _text(value) for name, value in ask.form.items() if name.startswith(_INPUT)}
    variables = _on_line(ask.text("variables"))
    inputs: Mapping[str, str] = {}
    if mark := ask.text("asked"):
        asked = check_form(ask.actor, ask.tools.pipelines, project, ref, mark, given)
        inputs = {one.name: given[one.name] for one in asked.inputs if given.get(one.name, one.value) != one.value}
        for one in asked.variables:
            value = _text(ask.form.get(_VARIABLE + one.name, one.value))
            if value != one.value:
                variables[one.name] = value
    made = run_pipeline(
        ask.actor, ask.tools.pipelines, project, ref, variables=variables | _in_rows(ask.form), inputs=inputs
    )
    return Redirect(f"/pipelines/{made.id}")


def _form(ask: Ask, ref: str) -> Shown:
    values, node = frame(ask, "pipelines")
    form = run_form(ask.actor, ask.tools.pipelines, node, ref)
    words = ref if form.change is None else ""
    values |= {
        "links_itself": True,
        "ref": ref,
        "form": form,
        "found": find_refs(ask.actor, ask.tools.pipelines, node, words, SUGGESTED),
        "rows": range(MOST_ROWS),
        "spare": ROWS,
        "command": api_command(f"/projects/{node}/pipelines").replace("curl ", "curl -X POST ", 1),
    }
    return Shown("run.html", values)


def _in_rows(form: Mapping[str, str]) -> dict[str, str]:
    """Variables that were written as rows; a row without anything in it is none."""
    found = {}
    for number in range(MOST_ROWS):
        name, value = form.get(f"{_NAME}{number}", "").strip(), _text(form.get(f"{_VALUE}{number}", ""))
        if not name and not value:
            continue
        if not name.isidentifier() or not name.isascii():
            raise _wrong(t("'{name}' is no name of a variable.", name=name or value[:40]))
        found[name] = value
    return found


def _on_line(text: str) -> dict[str, str]:
    """Variables that were written as one line: NAME=value NAME2='two words'."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = [text]
    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.isidentifier():
            raise _wrong(t("'{word}' is not a variable.", word=word))
        found[name] = value
    return found


def _text(value: str) -> str:
    return value.replace("\r\n", "\n")


def _wrong(message: Text) -> PlumblineError:
    return PlumblineError(
        "variables-wrong",
        message,
        t("Names have letters, digits and underscores, and begin with no digit. On one line: NAME=value; values with "
          "spaces in quotes: NAME='two words'."),
        kind=ErrorKind.CONFIGURATION,
    )  # fmt: skip


PART = (ask_for_it, refs, run)
