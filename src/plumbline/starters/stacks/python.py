"""Python: installed by uv, Poetry, Pipenv, tox or pip; tested by pytest or Django."""

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

_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile")
_TESTS = r"(?:^|/)(?:test_[^/]*|[^/]*_tests?|tests?)\.py$"
_FOR_TESTS = ("test", "tests", "testing", "dev", "develop", "development", "ci")
_WORD = "(?:" + "|".join(_FOR_TESTS) + ")"
_REQUIREMENTS = rf"^(?:(?:requirements[-_./])?{_WORD}(?:[-_]?requirements)?|tests?/requirements)\.txt$"
_ENTER = ("python3 -m venv .venv", ". .venv/bin/activate")
_TOOLS = "python3 -m venv .tools"  # the manager's own needs stay apart from the project's


class _Way(NamedTuple):
    """How the project is installed. ``run``: stands before what is run in its environment; ``deps``: what its cache
    goes by."""

    install: tuple[str, ...]
    deps: tuple[str, ...]
    said: Text
    run: str = ""


def find(files: Files) -> Iterable[Found]:
    for folder in files.homes(*_MANIFESTS):
        if files.below(folder, r"\.py$"):
            yield _Project(files, folder).found()


class _Project:
    def __init__(self, files: Files, folder: str) -> None:
        self.files, self.folder = files, folder
        self.pyproject = files.toml(joined(folder, "pyproject.toml"))
        self.setup = f"{self.text('setup.cfg')}\n{self.text('setup.py')}"
        self.tests = files.below(folder, _TESTS)

    def text(self, name: str) -> str:
        return self.files.text(joined(self.folder, name))

    def there(self, *names: str) -> list[str]:
        return [name for name in names if joined(self.folder, name) in self.files]

    def found(self) -> Found:
        version, way = self._version(), self._way()
        guessed = []
        if self.tests and not self._pytest() and not self.there("manage.py") and way.run != "tox ":
            guessed.append(t("No file says what runs the tests of Python: pytest, which runs those of unittest too."))
        lacking = []
        if not self.tests:
            lacking.append(t("Tests of Python: there are none in {folder}, so its code is installed and compiled, and "
                             "nothing is tested.", folder=self.folder or "."))  # fmt: skip
        elif self._runs_django() or (way.run == "tox " and not self._reports_of_tox()):
            lacking.append(t("A test report of Python: what runs the tests here writes none by itself."))
        return Found(
            folder=self.folder,
            files=(*self.there(*_MANIFESTS, "tox.ini"), *self.tests[:1]),
            jobs=(self._job(version, way),),
            said=(*version.said, way.said),
            guessed=(*version.guessed, *guessed),
            lacking=tuple(lacking),
        )

    def _job(self, version: Version, way: _Way) -> Job:
        variables = {"PIP_CACHE_DIR": "$CI_PROJECT_DIR/.cache/pip"}
        if way.run.startswith(".tools/bin/uv"):
            variables["UV_CACHE_DIR"] = "$CI_PROJECT_DIR/.cache/uv"
        lines, junit, covered = self._checks(way)
        return Job(
            stage="test" if self.tests else "build",
            image=f"python:{version.number}",
            tools=("python3",),
            variables=variables,
            cache=Cache(files=way.deps[:2], paths=(".cache/",)) if way.deps else None,
            script=(*way.install, *lines),
            junit=("report.xml",) if junit else (),
            coverage=r"/TOTAL.*\s(\d+(?:\.\d+)?)%/" if covered else "",
            coverage_report=("cobertura", "coverage.xml") if covered else ("", ""),
        )

    def _checks(self, way: _Way) -> tuple[tuple[str, ...], bool, bool]:
        """What checks it, whether that leaves a test report, and whether it tells the coverage."""
        if not self.tests:
            return (f"{way.run}python -m compileall -q -x '/[.]' .",), False, False
        if way.run == "tox ":
            report = self._reports_of_tox()
            return ("tox -e py" + (" -- --junitxml=report.xml" if report else ""),), report, False
        if self._runs_django():
            run = f"{way.run}coverage"
            return (f"{run} run manage.py test", f"{run} report", f"{run} xml -o coverage.xml"), False, True
        pytest = "python -m pytest --junitxml=report.xml --cov --cov-report=term --cov-report=xml:coverage.xml"
        return (f"{way.run}{pytest}",), True, True

    def _runs_django(self) -> bool:
        return bool(self.there("manage.py")) and not self._pytest()

    def _reports_of_tox(self) -> bool:
        return "{posargs" in self.text("tox.ini") and "pytest" in self.text("tox.ini")

    def _pytest(self) -> bool:
        """Whether a file says that pytest runs the tests."""
        names = ("pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "noxfile.py", "Pipfile", *self._required())
        return bool(self.there("pytest.ini", "conftest.py")) or any("pytest" in self.text(name) for name in names)

    def _required(self) -> list[str]:
        """Files of requirements: the project's own, and those for its tests."""
        own = self.there("requirements.txt")
        return [*own, *(name for name in self.files.below(self.folder, _REQUIREMENTS) if name not in own)][:4]

    def _way(self) -> _Way:
        runner = ("coverage",) if self._runs_django() else ("pytest", "pytest-cov")
        wanted = " ".join(runner) if self.tests else ""
        if lock := self.there("uv.lock"):
            extra = [f"--extra {name}" for name in self._extras()] + [f"--group {name}" for name in self._groups()]
            with_ = "".join(f"--with {name} " for name in runner) if self.tests else ""
            return _Way(
                (_TOOLS, ".tools/bin/pip install uv", " ".join([".tools/bin/uv sync --locked", *extra])),
                tuple(lock),
                t("Installed by uv: {file}", file=joined(self.folder, lock[0])),
                f".tools/bin/uv run --no-sync {with_}",
            )
        if self.there("poetry.lock") or self.pyproject.table("tool", "poetry"):
            extra = [f"--extras {name}" for name in self._extras()]
            install = " ".join([".tools/bin/poetry install", *extra])
            return _Way(
                (_TOOLS, ".tools/bin/pip install poetry", *_ENTER, install, *_pip(wanted)),
                tuple(self.there("poetry.lock", "pyproject.toml")[:1]),
                t("Installed by Poetry: {file}", file=joined(self.folder, "pyproject.toml")),
            )
        if lock := self.there("Pipfile.lock"):
            return _Way(
                (_TOOLS, ".tools/bin/pip install pipenv", *_ENTER, ".tools/bin/pipenv sync --dev", *_pip(wanted)),
                tuple(lock),
                t("Installed by Pipenv: {file}", file=joined(self.folder, lock[0])),
            )
        return self._by_tox_or_pip(wanted)

    def _by_tox_or_pip(self, wanted: str) -> _Way:
        extras, groups, required = self._extras(), self._groups(), self._required()
        named = bool(extras or groups or [name for name in required if name != "requirements.txt"])
        if self.tests and not named and re.search(r"^\[testenv\]", self.text("tox.ini"), re.MULTILINE):
            said = t("Tested by tox: {file}", file=joined(self.folder, "tox.ini"))
            return _Way((*_ENTER, *_pip("tox")), tuple(self.there("tox.ini")), said, "tox ")
        words = [f"-r {name}" for name in required] + [f"--group {name}" for name in groups]
        if self._is_package():
            words.append(f"-e '.[{','.join(extras)}]'" if extras else "-e .")
        files = [*self.there("pyproject.toml", "setup.cfg", "setup.py"), *required]
        said = t("Installed by pip: {files}", files=", ".join(joined(self.folder, name) for name in files))
        newest = ("python -m pip install --upgrade pip",) if groups else ()
        return _Way((*_ENTER, *newest, *_pip(" ".join([*words, wanted]).strip())), tuple(files[::-1]), said)

    def _is_package(self) -> bool:
        return bool(self.there("setup.py")) or bool(
            self.pyproject.table("build-system") or self.pyproject.table("project")
        )

    def _extras(self) -> list[str]:
        known = {**self.pyproject.table("project", "optional-dependencies")}
        known |= self.pyproject.table("tool", "poetry", "extras")
        if not known:
            found = re.findall(rf"^[ \t]*['\"]?({_WORD})['\"]?[ \t]*[:=]", self.setup, re.MULTILINE)
            known = dict.fromkeys(found) if "extras_require" in self.setup else {}
        return [name for name in _FOR_TESTS if name in known][:1]

    def _groups(self) -> list[str]:
        known = self.pyproject.table("dependency-groups")
        return [name for name in _FOR_TESTS if name in known][:1]

    def _version(self) -> Version:
        chosen = self.text(".python-version").strip().partition("\n")[0]
        if re.fullmatch(r"3\.\d+(?:\.\d+)?", chosen):
            return Version(chosen, t("Python {version}: {file}", version=chosen,
                                     file=joined(self.folder, ".python-version")))  # fmt: skip
        texts = {name: self.text(name) for name in ("pyproject.toml", "setup.cfg", "setup.py")}
        for name, text in texts.items():
            if named := re.findall(r"Python :: (3\.\d{1,2})\b", text):
                newest = max(named, key=order)
                return Version(newest, t("Python {version}: the newest that {file} names", version=newest,
                                         file=joined(self.folder, name)))  # fmt: skip
        wanted = {
            "pyproject.toml": self.pyproject.string("project", "requires-python")
            or self.pyproject.string("tool", "poetry", "dependencies", "python"),
            **{name: _required_python(texts[name]) for name in ("setup.cfg", "setup.py")},
        }
        for name, text in wanted.items():
            if text.lstrip().startswith((">=", "^", "~", "==", "3")) and (oldest := numbers(text)):
                return Version(oldest, t("Python {version}: the oldest that {file} allows", version=oldest,
                                         file=joined(self.folder, name)))  # fmt: skip
        return Version("3", t("Python 3, the newest: no file says which one is meant."), sure=False)


def _required_python(text: str) -> str:
    found = re.search(r"python_requires\s*=\s*['\"]?\s*([^'\"\n]{1,40})", text)
    return found[1] if found else ""


def _pip(words: str) -> tuple[str, ...]:
    return (f"python -m pip install {words}",) if words else ()


PART = Starter(title=t("Python"), find=find, manifests=_MANIFESTS)
