"""A team that works well: small changes by merge request, reviewed, built, scanned, and deployed every day."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ninety_days.clock import HOUR, MINUTE, Agenda, at, is_working_day
from ninety_days.deployer import TIERS, Deployer, Store
from ninety_days.forge import TRUNK, Files, Request
from ninety_days.operations import Monitoring, approve, back_up
from ninety_days.place import System
from ninety_days.quotes import FILES, OTHER_FILES, OTHERS, RULES, SUITES, files_of, scripts_in
from ninety_days.red_lines import lay_down, waive
from ninety_days.tools import Package, Tool
from ninety_days.tracker import Scanner, Tests, Tracker

if TYPE_CHECKING:
    from pathlib import Path

    from ninety_days.bank import Bank

DEVELOPERS = ("lin.hua", "zhao.min", "qian.yu", "sun.bo", "zhou.jie")
LEAD, KEEPER, GUARD, ASSESSOR = "wu.fang", "zheng.hao", "feng.ning", "wang.li"
PEOPLE = {**dict.fromkeys(DEVELOPERS, "developer"), LEAD: "maintainer", KEEPER: "operator", GUARD: "security"}
# Of the changes, counted from the first: every so many one comes out like this.
_FAILS, _BREAKS, _WITHDRAWN, _WAIVED = 12, 16, 18, 70
_TROUBLE = 9  # of the days with a deployment: one brings trouble, and is rolled back


class _Change(NamedTuple):
    """A change on its way: which one it is, who writes it, and for which work item."""

    number: int
    author: str
    item: str
    files: Files


class Steady:
    """Plans its days into the agenda."""

    def __init__(self, bank: Bank, folder: Path, parent: int, agenda: Agenda, seed: str, changes: int) -> None:
        self._agenda, self._clock, self._bank, self._a_day = agenda, bank.clock, bank, changes
        self._chance = random.Random(f"{seed}:steady")
        self.system = system = System(bank, folder, parent, "quotes", "Loan quotes", PEOPLE)
        self.place = system.project("service")
        self._others = [system.project(name) for name in OTHERS]
        self._tracker = Tracker(Tool(system, "tracker", "tracker"), "QUOTE")
        self._tests = Tests(Tool(system, "tests", "ci_server"))
        self._scanner = Scanner(Tool(system, "scanner", "scanner"))
        self._store = Store(Tool(system, "store", "generic", "artifact.*"), system.what)
        moved = ("deployment.*", "environment.*", "service.*", "dataChange.*", "release.*", "configItem.*")
        self._deployer = Deployer(Tool(system, "deployer", "generic", *moved), self._store, system.what, bank.clock)
        self._monitoring = Monitoring(Tool(system, "monitoring", "monitoring"), system.what)
        self._backup = Tool(system, "backup", "generic", "backup.*")
        self._changes = self._packages = self._deployments = self._releases = 0
        self._ready: list[Package] = []  # built and not in production yet
        self._scripts: list[str] = []  # changes of the data in these
        self._live: list[Package] = []  # in production, the newest last

    def begin(self) -> None:
        self.system.register(LEAD, RULES)
        for place, files in ((self.place, FILES), *((other, OTHER_FILES) for other in self._others)):
            item = self._tracker.open(LEAD, f"Begin {place.path}")
            self._tracker.link(item, place.commit(TRUNK, LEAD, f"Begin\n\n{item}", files))
        lay_down(self.system, self.place.project, LEAD)
        self._deployer.environments()
        for hour, minute in ((2, 30), (12, 40)):
            wanted = {"cron": f"{minute} {hour} * * 1-5", "ref": TRUNK, "title": f"Trunk at {hour}:{minute}"}
            self.place.ask(LEAD, "POST", f"/api/v1/projects/{self.place.project}/schedules", wanted)

    def plan_day(self, day: int) -> None:
        add = self._agenda.at
        add(at(day, 23.0), self._close_day)
        if not is_working_day(day):
            return
        add(at(day, 2.51), self._bank.work)
        add(at(day, 12.68), self._bank.work)
        for number in range(self._a_day):
            hour = 9.0 + number * 6.0 / self._a_day + self._chance.random()
            add(at(day, hour), self._start)
        add(at(day, 17.5), self._to_production)
        if day % 7 == 6:  # a Friday
            add(at(day, 18.5), partial(self._release, day))
        if day % 7 == 4:  # a Wednesday
            add(at(day, 8.5), partial(self._ask_for_environment, day))
        if day % 28 == 10:
            add(at(day, 20.0), self._rehearse)
            add(at(day, 20.5), self._look_at_others)
            add(at(day, 22.5), self._improve)

    # A change, from its work item to the trunk

    def _start(self) -> None:
        self._changes += 1
        author = DEVELOPERS[self._changes % len(DEVELOPERS)]
        item = self._tracker.open(
            author, f"Quote number {self._changes}", "defect" if self._changes % 5 == 4 else "story"
        )
        self._tracker.begin(item, author)
        self._clock.forward(self._chance.randint(5, 20) * MINUTE)
        self._write(_Change(self._changes, author, item, files_of(self._changes)))

    def _write(self, change: _Change) -> None:
        branch = f"{change.item.lower()}-{change.number}"
        red = change.number % _FAILS == 2
        files = {**change.files, "broken": "yes\n"} if red else change.files
        head = self.place.commit(branch, change.author, f"Add quote {change.number}\n\n{change.item}", files)
        self._tracker.link(change.item, head)
        request = self.place.forge.open(branch, change.author, f"{change.item} Add quote {change.number}", change.files)
        if red:
            self._clock.forward(self._chance.randint(8, 25) * MINUTE)
            before, files = head, {"broken": None}
            head = self.place.commit(branch, change.author, f"Mend the test\n\n{change.item}", files)
            self._tracker.link(change.item, head)
            self._look_at(before)
            request = self.place.forge.update(request, before, {})
        self._look_at(head)
        self._agenda.after(self._chance.randint(20, 90) * MINUTE, partial(self._review, change, request))

    def _look_at(self, head: str, project: str = "") -> None:
        """What tests and scanner tell of the newest commit. Those of the service run in its own pipeline."""
        if project:
            self._tests.run("unit", "unit", "ci", head, cases=2)
            self._tests.run("interface", "integration", "ci", head, cases=3)
        self._scanner.scan(head, project=project)

    def _review(self, change: _Change, request: Request) -> None:
        scripts = any(path.startswith("infrastructure/") for path in change.files)
        reviewer = LEAD if scripts else DEVELOPERS[(change.number + 1) % len(DEVELOPERS)]
        self.place.forge.note(request, reviewer, "Reads well.")
        self._clock.forward(4 * MINUTE)
        self.place.forge.approve(request, reviewer)
        self._clock.forward(3 * MINUTE)
        if change.number % _BREAKS == 5:  # it goes well alone, and not together with the trunk
            request = request._replace(files={**request.files, "clash": "yes\n"})
        self._merge(change, request, reviewer)

    def _merge(self, change: _Change, request: Request, reviewer: str) -> None:
        if change.number % _WAIVED == 7:
            waive(self.system, self.place.project, request.number, LEAD, GUARD)
        self._bank.judge()
        sha = self.place.forge.merge(request, reviewer)
        self._tracker.link(change.item, sha)
        self._bank.work()
        self._tracker.close(change.item, reviewer)
        built = self.place.built(sha, TRUNK)
        if built is None or built.state != "success":
            self._agenda.after(self._chance.randint(10, 30) * MINUTE, partial(self._mend, change))
            return
        self._packages += 1
        package = Package(f"1.0.{self._packages}", sha, built.run)
        self._store.keep(package)
        self._test(package, change)
        if change.number % _WITHDRAWN == 8:
            self._agenda.after(3 * HOUR, partial(self._withdraw, change, sha))

    def _mend(self, change: _Change) -> None:
        """The trunk is red: what clashes is removed at once."""
        item = self._tracker.open(change.author, f"Mend the trunk after {change.item}", "defect")
        branch = f"{item.lower()}-mend"
        head = self.place.commit(branch, change.author, f"Mend the trunk\n\n{item}", {"clash": None})
        self._tracker.link(item, head)
        self._look_at(head)
        request = self.place.forge.open(branch, change.author, f"{item} Mend the trunk", {"clash": None})
        self._clock.forward(9 * MINUTE)
        mended = _Change(0, change.author, item, {})
        self._review(mended, request)

    def _withdraw(self, change: _Change, merged: str) -> None:
        """Nobody wants it any more: its code leaves the trunk, and the item is withdrawn."""
        gone: Files = {path: None for path in change.files if str(change.number) in path and "db/" not in path}
        branch = f"{change.item.lower()}-revert"
        title = f'Revert "{change.item} Add quote {change.number}"'
        head = self.place.commit(branch, change.author, f"{title}\n\nThis reverts commit {merged}.", gone)
        self._tracker.link(change.item, head)
        self._look_at(head)
        taken = self.place.forge.open(branch, change.author, title, gone)
        self._clock.forward(6 * MINUTE)
        reviewer = DEVELOPERS[(change.number + 2) % len(DEVELOPERS)]
        self.place.forge.approve(taken, reviewer)
        self._clock.forward(2 * MINUTE)
        self._tracker.link(change.item, self.place.forge.merge(taken, reviewer))
        self._bank.work()
        self._tracker.close(change.item, LEAD, "withdrawn")

    # A package, from its test environment to production

    def _test(self, package: Package, change: _Change) -> None:
        self._scanner.scan(package.commit, "dependency", package.digest)
        name = self._deployer.deploy(package, "testing", "ci")
        for script in scripts_in(change.files):
            self._scripts.append(script)
            self._migrate(script, "testing", name)
        self._tests.run("interface", "integration", self._deployer.place("testing"), package.commit, package.digest)
        self._ready.append(package)

    def _migrate(self, script: str, tier: str, deployment: str) -> None:
        """In the lower environments the way back is tried too."""
        self._tracker.link("QUOTE-1", deployment, "changes")
        approve(self._tracker.tool, deployment, script, LEAD, KEEPER)
        self._deployer.migrate(script, tier, deployment)
        if tier != "production":
            self._clock.forward(MINUTE)
            self._deployer.migrate(script, tier, deployment, back=True)
            self._clock.forward(MINUTE)
            self._deployer.migrate(script, tier, deployment)

    def _to_production(self) -> None:
        if not self._ready:
            return
        package, scripts = self._ready[-1], self._scripts
        self._ready, self._scripts = [], []
        self._deployer.deploy(package, "staging", "ci")
        where = self._deployer.place("staging")
        self._tests.run("acceptance", "e2e", where, package.commit, package.digest, cases=5)
        self._tests.run("load", "performance", where, package.commit, package.digest)
        self._store.promote(package, "production", KEEPER)
        name = self._deploy(package)
        for script in scripts:
            self._migrate(script, "production", name)
        self._deployments += 1
        if self._deployments % _TROUBLE == 4 and self._live:
            self._trouble(name, package)
        self._live.append(package)

    def _deploy(self, package: Package, intent: str = "deploy", mends: str = "") -> str:
        approve(self._tracker.tool, package.digest, package.digest, LEAD, KEEPER)
        self._clock.forward(2 * MINUTE)
        return self._deployer.deploy(package, "production", KEEPER, intent, mends=mends)

    def _trouble(self, name: str, package: Package) -> None:
        """Users notice, the version before comes back, and the cause is mended the next day."""
        where = self._deployer.place("production")
        self._clock.forward(6 * MINUTE)
        incident = self._monitoring.notice(name, where)
        self._clock.forward(5 * MINUTE)
        self._deploy(self._live[-1], "rollback", name)
        self._clock.forward(3 * MINUTE)
        self._monitoring.resolved(incident, where)
        self._tracker.open(LEAD, f"Find out what {package.version} broke", "defect")

    def _release(self, day: int) -> None:
        """A tag at the end of the week, built again as a release."""
        self._releases += 1
        version, sha = f"1.{self._releases}.0", self.place.repository.heads[TRUNK]
        self._deployer.plan(version, at(day, 20.0))
        self.place.forge.push_tag(f"v{version}", sha, LEAD)
        self._bank.work()
        built = self.place.built(sha, f"v{version}")
        if built is None or built.state != "success":
            return
        package = Package(version, sha, built.run)
        self._store.keep(package)
        for suite, kind in SUITES:
            self._tests.run(suite, kind, self._deployer.place("staging"), sha, package.digest)
        self._tests.run("interface", "integration", self._deployer.place("staging"), sha, package.digest, cases=12)
        self._deployer.release(package, f"v{version}", LEAD)

    def _look_at_others(self) -> None:
        """The smaller projects change now and then."""
        for number, other in enumerate(self._others):
            author, reviewer = DEVELOPERS[number], DEVELOPERS[number + 1]
            item = self._tracker.open(author, f"Look after {other.path}")
            branch = f"{item.lower()}-care"
            files: Files = {"care.py": f"CARE = '{item}'\n", "test_care.py": f"# {item}\n"}
            head = other.commit(branch, author, f"Look after it\n\n{item}", files)
            self._tracker.link(item, head)
            self._look_at(head, other.path)
            request = other.forge.open(branch, author, f"{item} Look after it", dict(files))
            self._clock.forward(10 * MINUTE)
            other.forge.approve(request, reviewer)
            self._clock.forward(MINUTE)
            self._tracker.link(item, other.forge.merge(request, reviewer))
            self._bank.work()
            self._tracker.close(item, author)

    def _improve(self) -> None:
        """Once a month something about the work itself is made better."""
        item = self._tracker.open(LEAD, "Let a build take less time", "improvement")
        self._clock.forward(6 * HOUR)
        self._tracker.close(item, LEAD)

    def _rehearse(self) -> None:
        for kind, seconds in (("restore", 1500.0), ("rollback", 240.0)):
            wanted = {"kind": kind, "outcome": "success", "seconds": seconds, "environment": "quotes/staging"}
            self.place.ask(KEEPER, "POST", f"/api/v1/nodes/{self.place.project}/drills", wanted)

    def _ask_for_environment(self, day: int) -> None:
        """For a few days, to try something."""
        name, person = f"preview-{day}", DEVELOPERS[day % len(DEVELOPERS)]
        item = self._tracker.open(person, f"An environment: {name}", "request")
        self._tracker.link(item, self._deployer.place(name), "asks for")
        self._clock.forward(HOUR)
        made = self.place.ask(person, "POST", f"/api/v1/projects/{self.place.project}/pipelines", {"ref": TRUNK})
        self._bank.work()
        self._deployer.lend(name, person, made["uid"])
        self._agenda.after(56 * HOUR, partial(self._deployer.take_back, name))

    def _close_day(self) -> None:
        back_up(self._backup)
        for tier in TIERS:
            self._deployer.check(tier)
