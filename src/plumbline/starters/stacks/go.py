"""Go modules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Cache, Found, Job, Version, order
from plumbline.starters.starter import Starter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.starters.files import Files

_FETCHES = (1, 21)  # from here on a go that is too old for a tool or a module fetches a newer one
_REPORT = "go run gotest.tools/gotestsum@latest --format testname --junitfile report.xml --"


def find(files: Files) -> Iterable[Found]:
    for folder in files.homes("go.mod"):
        tests = files.below(folder, r"_test\.go$")
        if files.below(folder, r"\.go$"):
            yield _found(files, folder, tests)


def _found(files: Files, folder: str, tests: list[str]) -> Found:
    version = _version(files, joined(folder, "go.mod"))
    locks = tuple(name for name in ("go.sum", "go.mod") if joined(folder, name) in files)
    check = ["go vet ./..."]
    if tests:
        check += [f"{_REPORT} -coverprofile=coverage.txt ./...", "go tool cover -func=coverage.txt"]
    job = Job(
        stage="test" if tests else "build",
        image=f"golang:{version.number}",
        tools=("go",),
        variables={
            "GOTOOLCHAIN": "auto",
            "GOMODCACHE": "$CI_PROJECT_DIR/.cache/go/mod",
            "GOCACHE": "$CI_PROJECT_DIR/.cache/go/build",
            "GOFLAGS": "-modcacherw",
        },
        cache=Cache(files=locks[:1], paths=(".cache/",)),
        script=("go build ./...", *check),
        junit=("report.xml",) if tests else (),
        coverage=r"/total:\s+\(statements\)\s+(\d+(?:\.\d+)?)%/" if tests else "",
    )
    return Found(
        folder=folder,
        files=("go.mod", *tests[:1]),
        jobs=(job,),
        said=version.said,
        guessed=version.guessed,
        lacking=()
        if tests
        else (
            t("Tests of Go: there are none in {folder}, so its code is only built and vetted.", folder=folder or "."),
        ),
    )


def _version(files: Files, path: str) -> Version:
    """The toolchain or the language that the module names; what is older than a fetching go is built by the newest,
    as Go promises that this works."""
    text = files.text(path)
    named = re.search(r"^(?:toolchain\s+go|go\s+)(1\.\d{1,3})", text, re.MULTILINE)
    toolchain = re.search(r"^toolchain\s+go(1\.\d{1,3})", text, re.MULTILINE)
    found = (toolchain or named)[1] if toolchain or named else ""  # type: ignore[index]
    if not found:
        return Version("1", t("Go 1, the newest: {file} does not say which one is meant.", file=path), sure=False)
    if order(found) < _FETCHES:
        return Version("1", t("Go 1, the newest: {file} asks for {version} at least.", file=path, version=found))
    return Version(found, t("Go {version}: {file}", version=found, file=path))


PART = Starter(title=t("Go"), find=find, manifests=("go.mod",))
