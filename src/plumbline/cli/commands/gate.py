"""``plumb gate``: what gates say, why, and what they would say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plumbline.cli.errors import CONFIGURATION, JOB_FAILED, OK
from plumbline.cli.gate_asking import COMMANDS
from plumbline.cli.help import CONTEXT, Choice, Group, command, language_option, option
from plumbline.cli.keys import read_small
from plumbline.cli.options import colour_option
from plumbline.kernel import t

if TYPE_CHECKING:
    from datetime import datetime

    from plumbline.cli.display.words import Paint
    from plumbline.gates import Asked, Policy, Verdict
    from plumbline.model.gate import FactValue
    from plumbline.model.problem import Problem


@language_option
def _gate() -> None:
    pass


PART = click.command("gate", cls=Group, text=t("See what gates say, and try policies."), context_settings=CONTEXT)(
    _gate
)


@command(
    "test",
    t("Try a policy against facts in a file."),
    t("FACTS is YAML or JSON: names of documented facts and their values, such as `tests.failed: 0`. What is "
      "not in it is "
      "not known, and no data passes no gate. Nothing is asked of any server, and nothing is kept."),
    t("Exit status: 0 it passes, 1 it does not, 2 the policy or the facts cannot be read."),
)  # fmt: skip
@click.argument("policy", metavar="POLICY", type=click.Path(exists=True, dir_okay=False))
@option("--facts", required=True, type=click.Path(exists=True, dir_okay=False), metavar="FILE", text=t("The facts."))
@option(
    "--act",
    type=Choice(["merge", "pipeline", "promotion"]),
    text=t("Where the gate acts (default: the policy's first)."),
)
@option("--branch", default="", metavar="NAME", text=t("The branch; of a merge the one merged into."))
@option("--tier", default="", metavar="TIER", text=t("Tier of the environment."))
@option("--class", "system_class", default="", metavar="CLASS", text=t("Class of the system (default: of the facts)."))
@option("--at", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", text=t("As on this day (default: today)."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
@colour_option
def try_command(
    policy: str,
    facts: str,
    act: str | None,
    branch: str,
    tier: str,
    system_class: str,
    day: datetime | None,
    as_json_: bool,
    colour: bool | None,
) -> int:
    from plumbline.cli.display.screen import paint_for
    from plumbline.gates import Policy, doubts, evaluate, read_facts, read_policy, read_standing

    text = read_small(policy).decode("utf-8", "replace")
    read = read_policy(text, policy)
    if not isinstance(read, Policy):
        return _told_wrong(read, paint_for(colour))
    if not as_json_:
        _told_problems(doubts(read), paint_for(colour))
    signals = tuple(one.key for one in read.signals)
    known = read_facts(read_small(facts).decode("utf-8", "replace"), facts, signals)
    if not isinstance(known, dict):
        return _told_wrong(known, paint_for(colour))
    found = evaluate(
        [read_standing(text, read.name, 1, "")],
        known,
        at=_moment(day),
        asked=_asked(read, known, act, branch, tier, system_class),
    )
    return _told(found, paint_for(colour), as_json_)


PART.add_command(try_command)
for _one in COMMANDS:
    PART.add_command(_one)


def _told_wrong(problems: tuple[Problem, ...], paint: Paint) -> int:
    _told_problems(problems, paint)
    return CONFIGURATION


def _told_problems(problems: tuple[Problem, ...], paint: Paint) -> None:
    from plumbline.cli.display.problems import problem_lines
    from plumbline.cli.display.screen import say

    for line in problem_lines(problems, paint):
        say(line)


def _moment(day: datetime | None) -> int:
    """Microseconds since the epoch; of a day its end, so that what begins on it has begun."""
    from datetime import UTC, datetime

    if day is None:
        return int(datetime.now(tz=UTC).timestamp() * 1e6)
    return int(day.replace(hour=23, minute=59, second=59, tzinfo=UTC).timestamp()) * 1_000_000


def _asked(
    policy: Policy, facts: dict[str, FactValue], act: str | None, branch: str, tier: str, system_class: str
) -> Asked:
    """What it is selected by: as given, else as the facts say."""
    from msgspec.structs import replace

    from plumbline.gates import asked
    from plumbline.model.contract import Subjects
    from plumbline.model.gate import GateAct

    wanted = GateAct(act) if act else policy.selector.acts[0]
    known = asked(wanted, Subjects(ref=_text(facts, "change.branch"), tier=_text(facts, "environment.tier")), facts)
    return replace(
        known,
        branch=branch or known.branch,
        tier=tier or known.tier,
        system_class=system_class or known.system_class,
    )


def _text(facts: dict[str, FactValue], name: str) -> str:
    value = facts[name].value if name in facts else None
    return value if isinstance(value, str) else ""


def _told(found: Verdict, paint: Paint, as_json: bool) -> int:
    from plumbline.cli.display.checklist import check_lines, outcome_word, reason_text
    from plumbline.cli.display.screen import say
    from plumbline.model.gate import Outcome

    if as_json:
        from plumbline.cli.display.events import as_json as written

        say(written(_plain(found)))
        return OK if found.goes_on else JOB_FAILED
    for one in found.judged:
        say(f"{outcome_word(one.outcome, paint)}  {paint(one.policy, 'bold')}")
        if one.reason:
            say(f"  {reason_text(one.reason)}")
        for check in one.checks:
            for line in check_lines(check, paint, facts=check.outcome is not Outcome.PASS):
                say(line)
    for passed in found.passed_over:
        say(t("The policy '{policy}' is not meant for this ({by}).", policy=passed.policy, by=passed.by))
    return OK if found.goes_on else JOB_FAILED


def _plain(found: Verdict) -> dict[str, object]:
    return {
        "outcome": found.outcome,
        "reason": found.reason,
        "policies": [
            {"policy": one.policy, "outcome": one.outcome, "reason": one.reason, "checks": one.checks}
            for one in found.judged
        ],
        "passed_over": found.passed_over,
    }
