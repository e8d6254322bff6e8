"""A team that does not work well: pushes to the trunk, long branches, red builds left for days, deployments by hand."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

from ninety_days.clock import DAY, HOUR, MINUTE, Agenda, at, is_working_day
from ninety_days.forge import TRUNK, Files, Request
from ninety_days.operations import Monitoring
from ninety_days.place import Built, System
from ninety_days.tools import Tool
from ninety_days.tracker import Tracker

if TYPE_CHECKING:
    from pathlib import Path

    from ninety_days.bank import Bank

DEVELOPERS = ("feng.rui", "chen.tao", "chu.wei")
BOSS = "jiang.lei"
PEOPLE = {**dict.fromkeys(DEVELOPERS, "developer"), BOSS: "maintainer"}
_RED, _BRANCHES, _DEPLOYS = 12, 11, 11  # days: from one to the next
_LEFT_RED, _LONG = 3, 24  # days: how long the trunk stays red, and a branch apart
PIPELINE = """\
stages: [build, deploy]
build:
  stage: build
  script: [test ! -e broken]
  rules: [{if: '$CI_PIPELINE_SOURCE == "push"'}]
deploy:
  stage: deploy
  script: [echo copy the files]
  environment: {name: production}
  rules: &by_hand [{if: '$CI_COMMIT_BRANCH == "main"', when: manual, allow_failure: true}]
restart:
  stage: deploy
  script: [echo restart what hangs]
  rules: *by_hand
deploy-second:
  stage: deploy
  script: [echo copy the files to the other machine]
  environment: {name: production-2, deployment_tier: production}
  rules: *by_hand
"""
FILES: Files = {
    ".gitlab-ci.yml": PIPELINE,
    "cards/limits.py": "LIMIT = 5000\n",
    **{f"db/migrations/V{number}__cards.sql": "DROP TABLE old;\n" for number in range(1, 7)},
}


class Hasty:
    """Plans its days into the agenda."""

    def __init__(self, bank: Bank, folder: Path, parent: int, agenda: Agenda, seed: str) -> None:
        self._agenda, self._clock, self._bank = agenda, bank.clock, bank
        self._chance = random.Random(f"{seed}:hasty")
        self.system = system = System(bank, folder, parent, "cards", "Cards", PEOPLE)
        self.place = system.project("service")
        self._tracker = Tracker(Tool(system, "tracker", "tracker"), "CARD")
        self._monitoring = Monitoring(Tool(system, "monitoring", "monitoring"), system.what)
        self._commits = self._branches = self._deployments = 0
        self._broken = False

    def begin(self) -> None:
        self.place.commit(TRUNK, BOSS, "Begin", FILES)

    def plan_day(self, day: int) -> None:
        add = self._agenda.at
        if is_working_day(day):
            add(at(day, 10.0 + 7 * self._chance.random()), self._push)
        if day % _RED == 3:
            add(at(day, 16.0), self._break)
            add(at(day + _LEFT_RED, 11.0), self._mend)
        if day % _BRANCHES == 1:
            add(at(day, 9.5), self._branch)
        if day % _DEPLOYS == 8:
            add(at(day, 21.0), self._deploy)

    def _write(self, branch: str, files: Files, message: str) -> str:
        self._commits += 1
        author = DEVELOPERS[self._commits % len(DEVELOPERS)]
        if self._commits % 4 == 0:
            self._tracker.open(author, f"Something about cards {self._commits}")
        return self.place.commit(branch, author, message, files)

    def _push(self) -> None:
        """Straight to the trunk, without a review, a test or a work item."""
        number = self._commits + 1
        self._write(TRUNK, {f"cards/part_{number}.py": f"PART = {number}\n"}, f"More cards {number}")

    def _break(self) -> None:
        self._broken = True
        self._write(TRUNK, {"broken": "yes\n"}, "Quick fix")

    def _mend(self) -> None:
        if self._broken:
            self._broken = False
            self._write(TRUNK, {"broken": None}, "Make it work again")

    def _branch(self) -> None:
        """It lives for weeks, gets a commit now and then, and is merged by who wrote it."""
        self._branches += 1
        number, author = self._branches, DEVELOPERS[self._branches % len(DEVELOPERS)]
        branch = f"rework-{number}"
        files: Files = {f"cards/rework_{number}_{part}.py": f"PART = {part}\n" for part in range(25)}
        self.place.commit(branch, author, f"Rework {number}", files)
        request = self.place.forge.open(branch, author, f"Rework {number}", files)
        self._agenda.after(_LONG // 2 * DAY, partial(self._go_on, request))
        self._agenda.after(_LONG * DAY, partial(self._merge, request))

    def _go_on(self, request: Request) -> None:
        part: Files = {f"cards/{request.branch}_more.py": "MORE = 1\n"}
        self.place.commit(request.branch, request.author, "More of it", part)

    def _merge(self, request: Request) -> None:
        """Approved by its own author, a minute before."""
        head = self.place.repository.heads[request.branch]
        request = request._replace(head=head, files={**request.files, f"cards/{request.branch}_more.py": "MORE = 1\n"})
        self.place.forge.approve(request, request.author)
        self._clock.forward(MINUTE)
        self.place.forge.merge(request, request.author)
        self._bank.work()

    def _deploy(self) -> None:
        """Late in the evening, step by step, by hand; and most times users notice."""
        built = self.place.built(self.place.repository.heads[TRUNK], TRUNK)
        if built is None or built.state == "failed":
            return
        self._deployments += 1
        first = self._play(built, "deploy")
        for step in ("restart", "deploy-second"):
            self._clock.forward(20 * MINUTE)
            self._play(built, step)
        self.place.forge.release(f"v{self._deployments}", self.place.repository.heads[TRUNK], BOSS)
        if self._deployments > 1:
            self._agenda.after(2 * HOUR, partial(self._trouble, f"{built.run}/{first}"))

    def _play(self, built: Built, name: str) -> int:
        """The number of the job that was pressed."""
        jobs = self.place.ask(BOSS, "GET", f"/api/v1/pipelines/{built.number}")["jobs"]
        number = next(int(job["id"]) for job in jobs if job["name"] == name)
        self.place.ask(BOSS, "POST", f"/api/v1/jobs/{number}/play")
        self._bank.work()
        return number

    def _trouble(self, deployment: str) -> None:
        where = f"{self.system.what}/production"
        incident = self._monitoring.notice(deployment, where)
        self._agenda.after(2 * DAY, partial(self._monitoring.resolved, incident, where))
