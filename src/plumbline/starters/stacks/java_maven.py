"""Java by Maven: a reactor as one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Cache, Found, Job, Version
from plumbline.starters.java import built_by_maven, compiled_by, pinned_java
from plumbline.starters.starter import Starter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.starters.files import Files

_TESTS = r"(?:^|/)src/test/.*\.(?:java|kt|groovy|scala)$"
_RELEASES = ("maven.compiler.release", "release", "java.version", "maven.compiler.target", "maven.compiler.source",
             "target", "source")  # fmt: skip


def find(files: Files) -> Iterable[Found]:
    for folder in files.homes("pom.xml"):
        if built_by_maven(files, folder):
            yield _found(files, folder)


def _found(files: Files, folder: str) -> Found:
    pom = files.text(joined(folder, "pom.xml"))
    version = _version(files, folder, pom)
    tests = files.below(folder, _TESTS)
    wrapped = joined(folder, "mvnw") in files
    jacoco = "jacoco-maven-plugin" in pom
    job = Job(
        stage="test" if tests else "build",
        image=f"maven:3-eclipse-temurin-{version.number}" if version.number else "maven:3",
        tools=("javac",) if wrapped else ("mvn", "javac"),
        cache=Cache(files=("pom.xml",), paths=(".cache/",)),
        script=(f"{'sh ./mvnw' if wrapped else 'mvn'} --batch-mode --no-transfer-progress "
                '-Dmaven.repo.local="$CI_PROJECT_DIR/.cache/maven" verify',),
        junit=("**/target/surefire-reports/TEST-*.xml", "**/target/failsafe-reports/TEST-*.xml") if tests else (),
        coverage_report=("jacoco", "target/site/jacoco/jacoco.xml")
        if jacoco and "<modules>" not in pom
        else ("", ""),
    )  # fmt: skip
    return Found(
        folder=folder,
        files=("pom.xml", *(["mvnw"] if wrapped else []), *tests[:1]),
        jobs=(job,),
        said=version.said,
        guessed=version.guessed,
        lacking=()
        if tests
        else (t("Tests of Java: there are none in {folder}, so its code is only built.", folder=folder or "."),),
    )


def _version(files: Files, folder: str, pom: str) -> Version:
    if (pinned := pinned_java(files, folder)) is not None:
        return pinned
    for tag in _RELEASES:
        if number := _release(pom, tag):
            return compiled_by(number, joined(folder, "pom.xml"))
    return Version("", t("Java, that of the newest image of Maven: pom.xml does not say which one is meant."),
                   sure=False)  # fmt: skip


def _release(pom: str, tag: str) -> int:
    """What an element says, be it by a property; 0 where it says no number."""
    for _ in range(3):
        found = re.search(rf"<{re.escape(tag)}>\s*([^<\s]{{1,80}})\s*</", pom)
        if not found:
            return 0
        if number := re.fullmatch(r"(?:1\.)?(\d{1,2})", found[1]):
            return int(number[1])
        named = re.fullmatch(r"\$\{([\w.-]+)\}", found[1])
        if not named:
            return 0
        tag = named[1]
    return 0


PART = Starter(title=t("Java with Maven"), find=find, manifests=("pom.xml",))
