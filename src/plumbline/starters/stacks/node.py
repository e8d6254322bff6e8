"""JavaScript and TypeScript: npm, Yarn or pnpm; the scripts of package.json, with reports where runners have them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Cache, Found, Job, Version, numbers, order
from plumbline.starters.starter import Starter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.kernel import Text
    from plumbline.starters.files import Files

_LOCKS = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml")
_NO_TEST = "no test specified"  # what `npm init` writes
# What may stand before the program that a script runs.
_BEFORE = re.compile(r"^(?:(?:cross-env|npx|pnpm|yarn|c8|nyc|[A-Za-z_][A-Z0-9_]*=\S*|--\S+)\s+)*")
_CHAINED = re.compile(r"&&|;")


class _Manager(NamedTuple):
    """``add``: installs more without a word in package.json that anybody keeps; empty: it cannot."""

    name: str
    install: str
    run: str  # before the name of a script
    add: str
    pass_on: str  # before arguments for a script
    lock: str


class _Runner(NamedTuple):
    """``flags`` make it write ``report``. ``adds``: the package that writes it, where the runner has none.
    ``covers``: make it measure coverage, where ``measures``, a package, is there (empty: it always can)."""

    flags: str
    report: str = "report.xml"
    adds: str = ""
    covers: str = ""
    measures: str = ""


_RUNNERS = {
    "vitest": _Runner(
        "--reporter=default --reporter=junit --outputFile.junit=report.xml",
        covers="--coverage.enabled --coverage.reporter=text --coverage.reporter=cobertura",
        measures="@vitest/coverage-v8",
    ),
    "jest": _Runner(
        "--ci --reporters=default --reporters=jest-junit",
        "junit.xml",
        "jest-junit",
        covers="--coverage --coverageReporters=text --coverageReporters=cobertura",
    ),
    "mocha": _Runner("--reporter xunit --reporter-options output=report.xml"),
}
_NODE = (
    "--test-reporter=spec --test-reporter-destination=stdout "
    "--test-reporter=junit --test-reporter-destination=report.xml"
)


def find(files: Files) -> Iterable[Found]:
    for folder in files.homes("package.json"):
        found = _Package(files, folder).found()
        if found.jobs:
            yield found


class _Package:
    def __init__(self, files: Files, folder: str) -> None:
        self.files, self.folder = files, folder
        self.package = files.json(joined(folder, "package.json"))
        self.scripts = self.package.table("scripts")
        self.manager = self._manager()

    def there(self, name: str) -> bool:
        return joined(self.folder, name) in self.files

    def script(self, name: str) -> str:
        value = self.scripts.get(name)
        return value if isinstance(value, str) and _NO_TEST not in value else ""

    def found(self) -> Found:
        tested, built = self.script("test"), self.script("build")
        version = self._version()
        lacking: list[Text] = []
        guessed: list[Text] = []
        folder = self.folder or "."
        test: list[str] = []
        report, covered = "", False
        if tested:
            test, report, covered = self._test(tested)
            if not report:
                lacking.append(t("A test report of Node.js: it is not known how `{script}` could write one as JUnit.",
                                 script=_short(tested)))  # fmt: skip
        else:
            lacking.append(t("Tests of Node.js: package.json in {folder} has no script `test`, so nothing is tested.",
                             folder=folder))  # fmt: skip
        if not self.manager.lock:
            guessed.append(t("Dependencies in {folder} have no lock file: each run installs what is newest.",
                             folder=folder))  # fmt: skip
        lines = [self.manager.install, *([f"{self.manager.run} build"] if built else []), *test]
        job = Job(
            stage="test" if tested else "build",
            image=f"node:{version.number}",
            tools=("node", "npm"),
            variables={"npm_config_cache": "$CI_PROJECT_DIR/.cache/npm", **self._cache_of_manager()},
            cache=Cache(files=(self.manager.lock or "package.json",), paths=(".cache/",)),
            script=tuple(lines),
            junit=(report,) if report else (),
            coverage=r"/All files[^|]*\|[^|]*\s+([\d\.]+)/" if covered else "",
            coverage_report=("cobertura", "coverage/cobertura-coverage.xml") if covered else ("", ""),
        )
        return Found(
            folder=self.folder,
            files=tuple(name for name in ("package.json", self.manager.lock) if name),
            jobs=(job,) if tested or built else (),
            said=(*version.said, t("Installed by {manager}: {file}", manager=self.manager.name,
                                   file=joined(self.folder, self.manager.lock or "package.json"))),
            guessed=(*version.guessed, *guessed),
            lacking=tuple(lacking),
        )  # fmt: skip

    def _cache_of_manager(self) -> dict[str, str]:
        name = self.manager.name
        if name == "Yarn":
            return {"YARN_CACHE_FOLDER": "$CI_PROJECT_DIR/.cache/yarn", "YARN_ENABLE_GLOBAL_CACHE": "false"}
        return {"npm_config_store_dir": "$CI_PROJECT_DIR/.cache/pnpm"} if name == "pnpm" else {}

    def _test(self, script: str) -> tuple[list[str], str, bool]:
        """What runs the tests, the report that this writes (empty where it is not known how), and whether it measures
        coverage."""
        run = f"{self.manager.run} test"
        if (own := re.fullmatch(r"node\s+--test((?:\s.*)?)", script)) and "--test-reporter" not in script:
            return [f"node --test {_NODE}{own[1]}"], "report.xml", False
        last = _CHAINED.split(script)[-1].strip()
        runner = _RUNNERS.get(_BEFORE.sub("", last, count=1).partition(" ")[0])
        if runner is None or "report" in last:
            return [run], "", False
        adds = [] if not runner.adds or self._depends_on(runner.adds) else [f"{self.manager.add} {runner.adds}"]
        if adds and not self.manager.add:
            return [run], "", False
        covers = bool(runner.covers) and (not runner.measures or self._depends_on(runner.measures))
        if "hreshold" in self.files.text(self._file):  # of a coverage that the project does not ask for by itself
            covers = False
        flags = f"{runner.flags} {runner.covers}" if covers else runner.flags
        return [*adds, f"{run} {self.manager.pass_on}{flags}"], runner.report, covers

    def _depends_on(self, name: str) -> bool:
        return any(name in self.package.table(kind) for kind in ("dependencies", "devDependencies"))

    def _manager(self) -> _Manager:
        lock = next((name for name in _LOCKS if self.there(name)), "")
        said = self.package.string("packageManager")
        wanted, _, version = said.partition("@")
        version = numbers(version, 3)
        if lock == "pnpm-lock.yaml" or (not lock and wanted == "pnpm"):
            pnpm = f"npx --yes pnpm{'@' + version if version and wanted == 'pnpm' else ''}"
            frozen = " --frozen-lockfile" if lock else ""
            return _Manager("pnpm", f"{pnpm} install{frozen}", f"{pnpm} run", "", "", lock)
        if lock == "yarn.lock" or (not lock and wanted == "yarn"):
            return self._yarn(lock, version if wanted == "yarn" else "")
        return _Manager("npm", "npm ci" if lock else "npm install", "npm run", "npm install --no-save", "-- ", lock)

    def _yarn(self, lock: str, version: str) -> _Manager:
        modern = "__metadata:" in self.files.text(joined(self.folder, lock))[:2000] or (
            version and order(version)[0] > 1
        )
        if not modern:
            yarn = f"npx --yes yarn{'@' + version if version else ''}"
            return _Manager("Yarn", f"{yarn} install --frozen-lockfile", f"{yarn} run", "", "", lock)
        yarn = f"npx --yes -p @yarnpkg/cli-dist{'@' + version if version else ''} yarn"
        return _Manager("Yarn", f"{yarn} install --immutable", f"{yarn} run", "", "", lock)

    def _version(self) -> Version:
        for name in (".nvmrc", ".node-version"):
            for place in dict.fromkeys((joined(self.folder, name), name)):
                if found := numbers(self.files.text(place), 3):
                    return Version(found, t("Node.js {version}: {file}", version=found, file=place))
        if found := numbers(self.package.string("volta", "node"), 3):
            return Version(found, t("Node.js {version}: volta in {file}", version=found, file=self._file))
        wanted = self.package.string("engines", "node")
        named = [numbers(part, 1) for part in wanted.split("||")]
        if wanted and all(named) and not re.search(r">", wanted.split("||")[-1]):
            newest = max(named, key=order)
            return Version(newest, t("Node.js {version}: engines in {file}", version=newest, file=self._file))
        if wanted:
            return Version("lts", t("Node.js: the newest with long support, which {file} allows ({range}).",
                                    file=self._file, range=_short(wanted)))  # fmt: skip
        return Version("lts", t("Node.js, the newest with long support: no file says which one is meant."), sure=False)

    @property
    def _file(self) -> str:
        return joined(self.folder, "package.json")


def _short(text: str) -> str:
    """What somebody wrote, fit for a line of comment."""
    return re.sub(r"[^\x20-\x7e]+", " ", text)[:80]


PART = Starter(title=t("Node.js"), find=find, manifests=("package.json",))
