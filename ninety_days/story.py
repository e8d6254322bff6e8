"""Tells the story: hires the teams, lets the days pass, has both graded, and verifies the ledger."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ninety_days.bank import Bank
from ninety_days.clock import Agenda, Clock, at
from ninety_days.hasty import Hasty
from ninety_days.report import Demand, demands
from ninety_days.steady import ASSESSOR, KEEPER, LEAD, Steady
from plumbline.cli.demo.checks import verify

if TYPE_CHECKING:
    from pathlib import Path

    from ninety_days.place import System

PACK = "continuous-delivery"


class Story(NamedTuple):
    """How it came out. ``wrong``: what verification found; empty: every entry is as it was, and signed."""

    steady: list[Demand]
    hasty: list[Demand]
    entries: int
    wrong: str


def live(folder: Path, seed: str, days: int, changes: int = 2) -> Story:
    """Both teams for so many days on a new server in an empty folder. ``changes``: of the steady team a
    working day."""
    clock = Clock()
    bank = Bank(folder / "data", clock, seed)
    try:
        steady, hasty = _pass_days(bank, folder, seed, days, changes)
        found = [_graded(bank, team.system) for team in (steady, hasty)]
        size = bank.open.tools.ledger.ledger.size()
        bank.keep_house()  # signs them all
    finally:
        bank.close()
    return Story(found[0], found[1], size, verify(folder / "data", size).wrong)


def _pass_days(bank: Bank, folder: Path, seed: str, days: int, changes: int) -> tuple[Steady, Hasty]:
    agenda = Agenda(bank.clock)
    harbour = bank.node("organisation", "harbour", None, "Harbour Bank")
    retail = bank.node("branch", "retail", harbour, "Retail banking")
    bank.hire(ASSESSOR, "assessor", harbour)
    steady = Steady(bank, folder, retail, agenda, seed, changes)
    hasty = Hasty(bank, folder, retail, agenda, seed)
    for team in (steady, hasty):
        team.begin()
    _state(bank, steady.system)
    for day in range(1, days + 1):  # on the first one they move in
        for team in (steady, hasty):
            team.plan_day(day)
        agenda.at(at(day, 23.5), bank.keep_house)
        if day % 7 == 1:
            agenda.at(at(day, 23.6), bank.compute_metrics)
        if day % 21 == 0:
            agenda.at(at(day, 22.0), partial(_report, bank, steady.system))
    agenda.run(at(days + 1), bank.hear)
    return steady, hasty


def _state(bank: Bank, system: System) -> None:
    """What no record can show is put on file, each with its document, and a second person accepts it."""
    pack = bank.doors[ASSESSOR].get(f"/api/v1/packs/{PACK}")
    path = f"/api/v1/nodes/{system.node}/statements"
    for topic in sorted(_topics(pack)):
        document = base64.b64encode(f"{topic}: as agreed.\n".encode()).decode()
        text = f"As our rules say, which are attached. Those who keep the system are admin, {LEAD} and {KEEPER}."
        wanted = {"topic": topic, "text": text, "files": [document]}
        made = bank.doors[LEAD].ask("POST", path, wanted)["id"]
        bank.doors[ASSESSOR].ask("POST", f"{path}/review", {"statement": made, "decision": "accepted"})


def _topics(found: object) -> set[str]:
    """The topics of statements that a pack asks for, wherever they stand in it."""
    if isinstance(found, dict):
        own = {str(found["fact"])} if found.get("probe") == "statement" else set()
        return own.union(*map(_topics, found.values()))
    return set().union(*map(_topics, found)) if isinstance(found, list) else set()


def _report(bank: Bank, system: System) -> None:
    """A grade in between, whose report two people read."""
    made = _assessed(bank, system)
    for reader in (ASSESSOR, LEAD):
        answer = bank.doors[reader].send("GET", f"/api/v1/assessments/{made}/report.html")
        if answer.status != 200:
            raise RuntimeError(f"{reader} got no report: {answer.body.decode()}")


def _graded(bank: Bank, system: System) -> list[Demand]:
    return demands(bank.doors[ASSESSOR], _assessed(bank, system))


def _assessed(bank: Bank, system: System) -> int:
    """The number of the entry that says so."""
    made = bank.doors[ASSESSOR].ask("POST", f"/api/v1/nodes/{system.node}/assessments", {"pack": PACK})
    return int(made["seq"])
