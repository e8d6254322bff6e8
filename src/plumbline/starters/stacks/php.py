"""PHP: Composer, with PHPUnit, Pest or the script `test`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Cache, Found, Job, Version, numbers, order
from plumbline.starters.starter import Starter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.starters.files import Files, Table

_TESTS = r"(?:^|/)[^/]*Test\.php$|^tests/.*\.php$"
_COMPOSER = (
    "command -v composer || { apt-get update && apt-get install --yes --no-install-recommends git unzip && "
    "php -r \"copy('https://getcomposer.org/download/latest-stable/composer.phar', '/usr/local/bin/composer');\" && "
    "chmod +x /usr/local/bin/composer; }"
)
_COMPILE = "find . -name '*.php' -not -path './vendor/*' -not -path './.cache/*' -print0 | xargs -0 -n1 php -l"


def find(files: Files) -> Iterable[Found]:
    for folder in files.homes("composer.json"):
        if files.below(folder, r"\.php$"):
            yield _found(files, folder)


def _found(files: Files, folder: str) -> Found:
    composer = files.json(joined(folder, "composer.json"))
    version = _version(composer, joined(folder, "composer.json"))
    tests = files.below(folder, _TESTS)
    test = _test(files, folder, composer) if tests else ""
    locked = joined(folder, "composer.lock") in files
    job = Job(
        stage="test" if test else "build",
        image=f"php:{version.number}-cli",
        tools=("php", "composer"),
        variables={"COMPOSER_CACHE_DIR": "$CI_PROJECT_DIR/.cache/composer"},
        cache=Cache(files=("composer.lock" if locked else "composer.json",), paths=(".cache/",)),
        script=(_COMPOSER, "composer install --no-interaction --no-progress --prefer-dist", test or _COMPILE),
        junit=("report.xml",) if "report.xml" in test else (),
    )
    lacking = []
    if not test:
        lacking.append(t("Tests of PHP: no way to run any was found in {folder}, so its code is only compiled.",
                         folder=folder or "."))  # fmt: skip
    elif not job.junit:
        lacking.append(
            t("A test report of PHP: it is not known how the script `test` of composer.json could write one.")
        )
    return Found(
        folder=folder,
        files=("composer.json", *(["composer.lock"] if locked else []), *tests[:1]),
        jobs=(job,),
        said=version.said,
        guessed=version.guessed,
        lacking=tuple(lacking),
    )


def _test(files: Files, folder: str, composer: Table) -> str:
    wanted = {**composer.table("require-dev"), **composer.table("require")}
    if "pestphp/pest" in wanted:
        return "vendor/bin/pest --log-junit report.xml"
    configured = any(joined(folder, name) in files for name in ("phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml"))
    if "phpunit/phpunit" in wanted:
        return f"vendor/bin/phpunit --log-junit report.xml{'' if configured else ' tests'}"
    return "composer run-script test" if composer.get("scripts", "test") else ""


def _version(composer: Table, file: str) -> Version:
    wanted = composer.string("config", "platform", "php") or composer.string("require", "php")
    named = [found for part in re.split(r"\|+", wanted) if (found := numbers(part))]
    if named:
        newest = max(named, key=order)
        return Version(newest, t("PHP {version}: {file}", version=newest, file=file))
    return Version("8", t("PHP 8, the newest: {file} does not say which one is meant.", file=file), sure=False)


PART = Starter(title=t("PHP"), find=find, manifests=("composer.json",))
