"""C#, F# and Visual Basic: a solution, or a project without one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.starters.files import folder_of, joined
from plumbline.starters.found import Cache, Found, Job, Version, numbers, order
from plumbline.starters.starter import Starter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.starters.files import Files

_SOLUTIONS = ("*.sln", "*.slnx")
_PROJECTS = ("*.csproj", "*.fsproj", "*.vbproj")
_PROJECT = r"\.(?:cs|fs|vb)proj$"
_READ = 40  # project files that are opened
_TESTS = re.compile(r"Microsoft\.NET\.Test\.Sdk|MSTest\.Sdk|<IsTestProject>\s*true", re.IGNORECASE)


def find(files: Files) -> Iterable[Found]:
    for folder in files.homes(*_SOLUTIONS) or files.homes(*_PROJECTS):
        if files.below(folder, _PROJECT):  # a solution may be of C++ alone
            yield _found(files, folder)


def _found(files: Files, folder: str) -> Found:
    projects = files.below(folder, _PROJECT)[:_READ]
    texts = {path: files.text(joined(folder, path)) for path in projects}
    shared = files.text(joined(folder, "Directory.Build.props")) + files.text(
        joined(folder, "Directory.Packages.props")
    )
    whole = "\n".join([shared, *texts.values()])
    tests = [path for path, text in texts.items() if _TESTS.search(text)]
    version = _version(files, folder, whole)
    locked = any(path.endswith("packages.lock.json") for path in files.below(folder, r"(?:^|/)packages\.lock\.json$"))
    tops = [path.rpartition("/")[2] for path in files.named(*_SOLUTIONS, *_PROJECTS) if folder_of(path) == folder]
    reports = "JunitXml.TestLogger" in whole
    test = "dotnet test --configuration Release --no-build"
    test += " --logger:'junit;LogFilePath=report.xml'" if reports else ""
    job = Job(
        stage="test" if tests else "build",
        image=f"mcr.microsoft.com/dotnet/sdk:{version.number}",
        tools=("dotnet",),
        variables={"NUGET_PACKAGES": "$CI_PROJECT_DIR/.cache/nuget", "DOTNET_CLI_TELEMETRY_OPTOUT": "1"},
        cache=Cache(files=(tops[0] if tops else projects[0],), paths=(".cache/",)),
        script=(
            "dotnet restore" + (" --locked-mode" if locked else ""),
            "dotnet build --configuration Release --no-restore",
            *((test,) if tests else ()),
        ),
        junit=("**/report.xml",) if tests and reports else (),
    )
    lacking = []
    if not tests:
        lacking.append(t("Tests of .NET: no project of tests was found in {folder}, so it is only built.",
                         folder=folder or "."))  # fmt: skip
    elif not reports:
        lacking.append(t("A test report of .NET: the test projects do not use the package JunitXml.TestLogger."))
    return Found(
        folder=folder,
        files=(*tops[:2], *tests[:1]),
        jobs=(job,),
        said=version.said,
        guessed=version.guessed,
        lacking=tuple(lacking),
    )


def _version(files: Files, folder: str, whole: str) -> Version:
    for path in dict.fromkeys((joined(folder, "global.json"), "global.json")):
        if found := numbers(files.json(path).string("sdk", "version")):
            return Version(found, t(".NET {version}: {file}", version=found, file=path))
    named = re.findall(r"\bnet(?:coreapp)?(\d{1,2}\.\d)\b", " ".join(re.findall(r"<TargetFrameworks?>[^<]*<", whole)))
    if named:
        newest = max(named, key=order)
        return Version(newest, t(".NET {version}: the newest that a project is built for", version=newest))
    return Version("latest", t(".NET, the newest: no file says which one is meant."), sure=False)


PART = Starter(title=t(".NET"), find=find, manifests=(*_SOLUTIONS, *_PROJECTS))
