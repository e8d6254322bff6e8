"""What both builders of Java ask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Version

if TYPE_CHECKING:
    from plumbline.starters.files import Files


_LONG = (8, 11, 17, 21, 25)  # with long support: of these there are images


def built_by_maven(files: Files, folder: str) -> bool:
    """Where a folder has files of both, the one with its wrapper builds it, and Maven where that does not decide."""
    if joined(folder, "pom.xml") not in files:
        return False
    gradle = joined(folder, "gradlew") in files
    return not gradle or joined(folder, "mvnw") in files


def compiled_by(number: int, file: str) -> Version:
    """The Java that compiles for another one: itself where it has an image, else the next that has one."""
    image = next((one for one in _LONG if one >= number), number)
    if image == number:
        return Version(str(number), t("Java {version}: {file}", version=number, file=file))
    return Version(str(image), t("Java {version}: {file} asks for {other}, of which there is no image.", version=image,
                                 file=file, other=number))  # fmt: skip


def pinned_java(files: Files, folder: str) -> Version | None:
    """What the tools that choose a Java are told."""
    for name, pattern in ((".java-version", r"^(?:1\.)?(\d{1,2})\b"), (".sdkmanrc", r"^java=(?:1\.)?(\d{1,2})\b")):
        if found := re.search(pattern, files.text(joined(folder, name)), re.MULTILINE):
            return compiled_by(int(found[1]), joined(folder, name))
    return None
