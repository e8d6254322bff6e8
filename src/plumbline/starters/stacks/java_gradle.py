"""Java, Kotlin and their like by Gradle: all projects of a build as one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Cache, Found, Job, Version, numbers, order
from plumbline.starters.java import built_by_maven, compiled_by, pinned_java
from plumbline.starters.starter import Starter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.starters.files import Files

_MANIFESTS = ("settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts")
_TESTS = r"(?:^|/)src/test/.*\.(?:java|kt|groovy|scala)$"
_BUILDS = r"(?:^|/)(?:build\.gradle(?:\.kts)?|[^/]+\.gradle(?:\.kts)?)$"
_READ = 12  # build files that are opened
_TOOLCHAINS = (r"JavaLanguageVersion\.of\(\s*['\"]?(\d{1,2})", r"jvmToolchain\(\s*(\d{1,2})")
# From which Gradle on it runs on which Java with long support, as its manual says; and what the newer ones need.
_RUNS_ON = (((2, 0), 8), ((5, 0), 11), ((7, 3), 17), ((8, 5), 21), ((9, 1), 25))
_NEEDY, _NEEDS = 9, 17


def find(files: Files) -> Iterable[Found]:
    for folder in files.homes(*_MANIFESTS):
        if not built_by_maven(files, folder):
            yield _found(files, folder)


def _found(files: Files, folder: str) -> Found:
    builds = [joined(folder, path) for path in sorted(files.below(folder, _BUILDS), key=lambda p: p.count("/"))[:_READ]]
    texts = {path: files.text(path) for path in builds}
    version = _version(files, folder, texts)
    tests = files.below(folder, _TESTS)
    wrapped = joined(folder, "gradlew") in files
    there = tuple(name for name in (*_MANIFESTS, "gradlew") if joined(folder, name) in files)
    image = f"eclipse-temurin:{version.number}-jdk" if wrapped else f"gradle:jdk{version.number}"
    if not version.number:
        image = "gradle:latest"
    lock = [name for name in ("gradle.lockfile", "gradle/wrapper/gradle-wrapper.properties", *there)
            if joined(folder, name) in files]  # fmt: skip
    job = Job(
        stage="test" if tests else "build",
        image=image,
        tools=("javac",) if wrapped else ("gradle", "javac"),
        variables={"GRADLE_USER_HOME": "$CI_PROJECT_DIR/.cache/gradle"},
        cache=Cache(files=tuple(lock[:2]), paths=(".cache/gradle/caches/", ".cache/gradle/wrapper/")),
        script=(f"{'sh ./gradlew' if wrapped else 'gradle'} --no-daemon build",),
        junit=("**/build/test-results/**/TEST-*.xml",) if tests else (),
    )
    lacking = []
    if not tests:
        lacking.append(t("Tests of Java: there are none in {folder}, so its code is only built.", folder=folder or "."))
    if any("com.android." in text for text in texts.values()):
        lacking.append(t("The SDK of Android: no image that has it is known, so name one that you trust."))
    return Found(
        folder=folder,
        files=(*there, *tests[:1]),
        jobs=(job,),
        said=version.said,
        guessed=version.guessed,
        lacking=tuple(lacking),
    )


def _version(files: Files, folder: str, texts: dict[str, str]) -> Version:
    """What the build is compiled by, where the project's Gradle runs on that; else the newest with long support that
    this Gradle runs on, as it compiles for older ones too."""
    wrapper = joined(folder, "gradle/wrapper/gradle-wrapper.properties")
    gradle = numbers("".join(re.findall(r"/gradle-([\d.]+)-", files.text(wrapper))[:1]))
    newest = max((java for since, java in _RUNS_ON if gradle and order(gradle + ".0")[:2] >= since), default=0)
    oldest = _NEEDS if gradle and order(gradle)[0] >= _NEEDY else 0
    if (pinned := pinned_java(files, folder)) is not None:
        return pinned
    for pattern in _TOOLCHAINS:
        for path, text in texts.items():
            if (found := re.search(pattern, text)) and oldest <= int(found[1]) <= (newest or int(found[1])):
                return compiled_by(int(found[1]), path)
    if newest:
        why = t("Java {version}: the newest with long support that Gradle {gradle} runs on, which {file} asks for.",
                version=newest, gradle=gradle, file=wrapper)  # fmt: skip
        return Version(str(newest), why)
    return Version("", t("Java, that of the newest image of Gradle: no build file says which one is meant."),
                   sure=False)  # fmt: skip


PART = Starter(title=t("Java with Gradle"), find=find, manifests=_MANIFESTS)
