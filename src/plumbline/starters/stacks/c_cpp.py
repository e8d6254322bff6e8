"""C and C++: CMake, Meson, Autotools or a Makefile. It yields: a compiled part of a Python package is built by that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Found, Job
from plumbline.starters.starter import Starter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.starters.files import Files

_MANIFESTS = ("CMakeLists.txt", "meson.build", "configure.ac", "configure", "Makefile", "GNUmakefile", "makefile")
_SOURCES = r"\.(?:c|cc|cpp|cxx|C)$"
_READ = 20  # files of CMake that are opened
_CMAKE_TESTS = re.compile(
    r"\b(?:enable_testing|add_test|gtest_discover_tests|catch_discover_tests|doctest_discover_tests)\s*\(|include\s*\(\s*CTest",
    re.IGNORECASE,
)
_CMAKE_OFF = re.compile(r"\boption\s*\(\s*(\w*TEST(?:S|ING)?)\s+\"[^\"\n]*\"\s+(?:OFF|FALSE)", re.IGNORECASE)
_TARGET = re.compile(r"^(check|test|tests)[ \t]*:(?!=)", re.MULTILINE)


class _Build(NamedTuple):
    tools: tuple[str, ...]
    script: tuple[str, ...]
    tests: tuple[str, ...] = ()
    junit: tuple[str, ...] = ()


def find(files: Files) -> Iterable[Found]:
    for folder in files.homes(*_MANIFESTS):
        sources = files.below(folder, _SOURCES)
        build = _build(files, folder) if sources else None
        if build:
            yield _found(files, folder, build, sources)


def _found(files: Files, folder: str, build: _Build, sources: list[str]) -> Found:
    packages = [tool for tool in build.tools if tool not in ("cc", "make")]
    installed = [
        f"command -v {tool} || {{ apt-get update && apt-get install --yes --no-install-recommends {_PACKAGES[tool]}; }}"
        for tool in packages
    ]
    job = Job(
        stage="test" if build.tests else "build",
        image="gcc:latest",
        tools=build.tools,
        script=(*installed, *build.script, *build.tests),
        junit=build.junit,
    )
    lacking = []
    if not build.tests:
        lacking.append(t("Tests of C and C++: no way to run any was found in {folder}, so its code is only built.",
                         folder=folder or "."))  # fmt: skip
    elif not build.junit:
        lacking.append(t("A test report of C and C++: `make` leaves none."))
    return Found(
        folder=folder,
        files=(*[name for name in _MANIFESTS if joined(folder, name) in files][:2], sources[0]),
        jobs=(job,),
        guessed=(
            t("The compiler is the newest gcc: no file says which one is meant, nor which libraries are needed."),
        ),
        lacking=tuple(lacking),
    )


_PACKAGES = {"cmake": "cmake", "meson": "meson", "autoreconf": "autoconf automake libtool"}


def _build(files: Files, folder: str) -> _Build | None:
    def there(name: str) -> bool:
        return joined(folder, name) in files

    if there("CMakeLists.txt"):
        return _cmake(files, folder)
    if there("meson.build"):
        tested = any(re.search(r"\btest\s*\(", files.text(joined(folder, path))) for path in
                     files.below(folder, r"(?:^|/)meson\.build$")[:_READ])  # fmt: skip
        tests = ("meson test -C build --print-errorlogs",) if tested else ()
        report = ("build/meson-logs/testlog.junit.xml",) if tested else ()
        return _Build(("meson", "cc"), ("meson setup build", "meson compile -C build"), tests, report)
    if there("configure.ac") or there("configure"):
        made = () if there("configure") else ("autoreconf --force --install",)
        tools = ("cc", "make") if there("configure") else ("autoreconf", "cc", "make")
        tested = there("Makefile.am") or bool(_target(files.text(joined(folder, "Makefile.in"))))
        tests = ("make check",) if tested else ()
        return _Build(tools, (*made, "sh ./configure", "make -j2"), tests)
    for name in ("GNUmakefile", "makefile", "Makefile"):
        if there(name):
            target = _target(files.text(joined(folder, name)))
            return _Build(("cc", "make"), ("make -j2",), (f"make {target}",) if target else ())
    return None


def _cmake(files: Files, folder: str) -> _Build:
    paths = sorted(files.below(folder, r"(?:^|/)(?:CMakeLists\.txt|[^/]+\.cmake)$"), key=lambda path: path.count("/"))
    texts = [files.text(joined(folder, path)) for path in paths[:_READ]]
    asked = [f" -D{name}=ON" for name in dict.fromkeys(_CMAKE_OFF.findall("\n".join(texts)))][:4]
    configure = "cmake -S . -B build -DCMAKE_BUILD_TYPE=Release" + "".join(asked)
    script = (configure, "cmake --build build --parallel 2")
    if not any(_CMAKE_TESTS.search(text) for text in texts):
        return _Build(("cmake", "cc", "make"), script)
    test = "ctest --test-dir build --no-tests=error --output-on-failure --output-junit report.xml"
    return _Build(("cmake", "cc", "make"), script, (test,), ("build/report.xml",))


def _target(text: str) -> str:
    found = _TARGET.search(text)
    return found[1] if found else ""


PART = Starter(
    title=t("C and C++"), find=find, manifests=("CMakeLists.txt", "meson.build", "configure.ac"), yields=True
)
