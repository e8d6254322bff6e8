"""Pages that are served as they lie there: nothing builds them, and their links can be followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Found, Job
from plumbline.starters.starter import Starter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.starters.files import Files

_FOLDERS = ("", "public", "site", "www", "html", "src")
_PROGRAMS = (
    r"\.(?:py|java|kt|go|rs|c|cc|cpp|php|cs|rb|tsx?|jsx|vue|scala|swift)$|(?:^|/)(?:package|composer)\.json$|"
    r"(?:^|/)(?:_config\.yml|hugo\.(?:toml|yaml)|mkdocs\.yml|pom\.xml|Gemfile)$"
)


def find(files: Files) -> Iterable[Found]:
    if files.below("", _PROGRAMS):
        return
    folder = next((one for one in _FOLDERS if joined(one, "index.html") in files), None)
    if folder is not None:
        yield _found(folder)


def _found(folder: str) -> Found:
    job = Job(
        stage="test",
        image="node:lts",
        tools=("npx",),
        variables={"npm_config_cache": "$CI_PROJECT_DIR/.cache/npm"},
        script=("npx --yes linkinator . --recurse --skip '^https?://(?!localhost)'",),
        artifacts=("",) if folder else (),
    )
    return Found(
        folder=folder,
        files=("index.html",),
        jobs=(job,),
        guessed=(
            t("linkinator, the newest, follows the links between the pages: the project names no check of its own."),
        ),
        lacking=(t("Links to other sites: they are not followed, since they break without a change of these pages."),),
    )


PART = Starter(title=t("Static web pages"), find=find, manifests=(), yields=True, program=False)
