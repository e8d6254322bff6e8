"""What both builders of Java ask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Version

if TYPE_CHECKING:
    from plumbline.starters.files import Files


def built_by_maven(files: Files, folder: str) -> bool:
    """Where a folder has files of both, the one with its wrapper builds it, and Maven where that does not decide."""
    if joined(folder, "pom.xml") not in files:
        return False
    gradle = joined(folder, "gradlew") in files
    return not gradle or joined(folder, "mvnw") in files


def pinned_java(files: Files, folder: str) -> Version | None:
    """What the tools that choose a Java are told."""
    for name, pattern in ((".java-version", r"^(?:1\.)?(\d{1,2})\b"), (".sdkmanrc", r"^java=(?:1\.)?(\d{1,2})\b")):
        if found := re.search(pattern, files.text(joined(folder, name)), re.MULTILINE):
            return Version(found[1], t("Java {version}: {file}", version=found[1], file=joined(folder, name)))
    return None
