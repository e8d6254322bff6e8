"""``plumb gate explain``, ``history`` and ``replay``: what a server's gates said, why, and whether it comes to the same
again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.errors import CONFIGURATION, JOB_FAILED, OK
from plumbline.cli.help import Choice, command, option
from plumbline.cli.options import colour_option, wrong_usage
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.cli.display.words import Paint
    from plumbline.model.gate import CheckResult, FactValue

_TOKEN = t("The API token is taken from the environment variable PLUMBLINE_TOKEN.")
_WENT_ON = ("pass", "waived")


def _server(function: Callable[..., Any]) -> Any:
    said = t("Address of the server.")
    return option("--server", metavar="URL", envvar="PLUMBLINE_SERVER", default="", text=said)(function)


@command(
    "explain",
    t("Say what gates said of a pipeline, or one judgement: every check, its facts, the events they rest on, and what "
      "would make it pass."),
    _TOKEN,
    t("Exit status: 0 it passes or is waived, 1 it does not."),
)  # fmt: skip
@click.argument("evaluation", metavar="[EVALUATION]", default="")
@_server
@option("--pipeline", type=click.IntRange(1), metavar="ID", text=t("The newest judgements of this pipeline."))
@option("--act", type=Choice(["merge", "pipeline"]), default="pipeline", text=t("Where the gate acts."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
@colour_option
def explain_command(
    evaluation: str, server: str, pipeline: int | None, act: str, as_json_: bool, colour: bool | None
) -> int:
    from plumbline.cli.display.screen import paint_for, say
    from plumbline.cli.server_api import ask, quoted

    if bool(evaluation) == bool(pipeline):
        raise wrong_usage("one-subject", t("Name a judgement, or a pipeline."))
    if evaluation:
        found = ask(server, f"/evaluations/{quoted(evaluation)}")
        judged, outcome = [found], found["outcome"]
    else:
        found = ask(server, f"/pipelines/{pipeline}/gates", query={"act": act})
        judged, outcome = found["policies"], found["outcome"]
    if as_json_:
        _write(found)
        return OK if outcome in _WENT_ON else JOB_FAILED
    paint = paint_for(colour)
    for one in judged:
        _explain(one, paint)
    if not judged:
        from plumbline.cli.display.checklist import reason_text

        say(reason_text(found["reason"]))
    from plumbline.cli.display.collections import STATES

    for slot in found.get("missing", ()):
        said = t("still due or missing: {slot} of {contract} ({state})", slot=slot["slot"], contract=slot["contract"],
                 state=STATES.get(slot["state"], slot["state"]))  # fmt: skip
        say(said)
    return OK if outcome in _WENT_ON else JOB_FAILED


@command(
    "history",
    t("List what gates said at the projects below a node, the newest first."),
    _TOKEN,
)
@_server
@option("--node", type=click.IntRange(0), required=True, metavar="ID", text=t("The node; 0: everywhere."))
@option("--policy", default="", metavar="NAME", text=t("Of this policy alone."))
@option("--limit", type=click.IntRange(1, 200), default=20, metavar="N", text=t("So many."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
@colour_option
def history_command(server: str, node: int, policy: str, limit: int, as_json_: bool, colour: bool | None) -> int:
    from plumbline.cli.display.checklist import outcome_word
    from plumbline.cli.display.screen import paint_for, say
    from plumbline.cli.server_api import ask
    from plumbline.evidence import timestamp
    from plumbline.model.gate import Outcome

    found = ask(server, f"/nodes/{node}/evaluations", query={"policy": policy, "limit": limit})["evaluations"]
    if as_json_:
        _write(found)
        return OK
    paint = paint_for(colour)
    for one in found:
        word = outcome_word(Outcome(one["outcome"]), paint)
        about = f"{one['path']} {one['subjects']['commit'][:10]}"
        say(f"{timestamp(one['at'])[:19]}Z  {word}  {one['policy']} {one['version']}  {about}  {one['evaluation']}")
    if not found:
        say(t("No gate said anything yet."))
    return OK


@command(
    "replay",
    t("Do a judgement again, by the policy and the facts of then: from a file without any server, or on a server."),
    t("A file is what `--save` wrote, or what the server exports with a judgement."),
    t("Exit status: 0 it comes to the same, 1 it does not, 2 the file cannot be read."),
)
@click.argument("file", metavar="[FILE]", default="", type=click.Path(dir_okay=False))
@_server
@option("--evaluation", default="", metavar="ID", text=t("A judgement of the server."))
@option("--save", type=click.Path(dir_okay=False), metavar="FILE", text=t("Keep it in a file besides."))
@colour_option
def replay_command(file: str, server: str, evaluation: str, save: str | None, colour: bool | None) -> int:
    from plumbline.cli.display.screen import paint_for

    if bool(file) == bool(evaluation):
        raise wrong_usage("one-subject", t("Name a file, or a judgement of a server."))
    paint = paint_for(colour)
    return _from_file(file, paint) if file else _from_server(server, evaluation, save, paint)


def _from_file(file: str, paint: Paint) -> int:
    from plumbline.cli.display.screen import say
    from plumbline.cli.keys import read_small
    from plumbline.gates import canonical, read_exported, replayed

    kept = read_exported(read_small(file), file)
    again = replayed(kept.evaluation, kept.policy)
    one = kept.evaluation
    _line(one.policy, one.version, one.path, one.subjects.commit, again.outcome.value, paint)
    if canonical(again) == canonical(one):
        say(t("It comes to the same, to the byte."))
        return OK
    say(t("It was {before}, and comes to {after}.", before=one.outcome.value, after=again.outcome.value))
    return JOB_FAILED


def _from_server(server: str, evaluation: str, save: str | None, paint: Paint) -> int:
    import msgspec

    from plumbline.cli.display.screen import say
    from plumbline.cli.server_api import ask, quoted

    found = ask(server, f"/evaluations/{quoted(evaluation)}/replay", body=b"")
    one = found["again"]
    _line(one["policy"], one["version"], one["path"], one["subjects"]["commit"], one["outcome"], paint)
    if save:
        data = ask(server, f"/evaluations/{quoted(evaluation)}/export")
        from pathlib import Path

        Path(save).write_bytes(msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n")
        say(t("Kept in {file}.", file=save))
    if found["same"]:
        say(t("It comes to the same, to the byte."))
        return OK
    say(found["why"])
    return JOB_FAILED if found["evaluation"] else CONFIGURATION


def _line(policy: str, version: int, path: str, commit: str, outcome: str, paint: Paint) -> None:
    from plumbline.cli.display.checklist import outcome_word
    from plumbline.cli.display.screen import say
    from plumbline.model.gate import Outcome

    say(f"{outcome_word(Outcome(outcome), paint)}  {paint(policy, 'bold')} {version}  {path} {commit[:10]}")


def _explain(one: Mapping[str, Any], paint: Paint) -> None:
    from plumbline.cli.display.checklist import check_lines, reason_text
    from plumbline.cli.display.screen import say

    _line(one["policy"], one["version"], one["path"], one["subjects"]["commit"], one["outcome"], paint)
    say(t("  judgement {evaluation}, event {event}", evaluation=one["evaluation"], event=one["event"] or "-"))
    if one["reason"]:
        say(f"  {reason_text(one['reason'])}")
    for said in one["checks"]:
        check = _check(said)
        for line in check_lines(check, paint, facts=True):
            say(line)
        events = sorted({event for fact in said["facts"] for event in fact["events"]})
        if events:
            say(t("      rests on: {events}", events=", ".join(events)))
        if check.maps:
            say(t("      answers to: {requirements}", requirements=", ".join(check.maps)))


def _check(said: Mapping[str, Any]) -> CheckResult:
    """As the API shows it, made what it is shown from."""
    import msgspec

    from plumbline.model.gate import CheckResult
    from plumbline.model.ready import ready

    plain = {name: value for name, value in said.items() if name not in ("id", "facts")}
    needs = {fact["name"]: _fact(fact) for fact in said["facts"]}
    made = msgspec.convert({**plain, "check": said["id"]}, type=ready(CheckResult), strict=False)
    return msgspec.structs.replace(made, needs=needs)


def _fact(said: Mapping[str, Any]) -> FactValue:
    from plumbline.model.gate import FactValue

    value = said["value"]
    told = tuple(value) if isinstance(value, list) else value
    return FactValue(value=told, lack=said["lack"], events=tuple(said["events"]))


def _write(found: object) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())


COMMANDS = (explain_command, history_command, replay_command)
