"""The ``.git`` folder of a working copy: its own, so that nothing a job does reaches the user's repository, while
the objects are read where they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plumbline.kernel import without_password

if TYPE_CHECKING:
    from plumbline.adapters.git import GitRepository, LocalRepository

_KEPT = ("core.filemode", "core.autocrlf", "core.eol", "core.symlinks", "core.ignorecase", "core.precomposeunicode",
         "user.name", "user.email", "extensions.objectformat")  # fmt: skip
_KEPT_SECTIONS = ("filter.", "diff.", "merge.")


def write_metadata(repository: GitRepository, folder: str) -> None:
    """Make ``.git`` in a template folder: a detached HEAD as GitLab Runner leaves it, branches as ``origin/...``, all
    tags, and the objects of the real repository as alternates. Raises OSError."""
    home = repository.home
    store = f"{folder}/.git"
    os.makedirs(f"{store}/objects/info")
    os.mkdir(f"{store}/refs")
    _write(f"{store}/objects/info/alternates", f"{home.common_dir}/objects\n")
    _write(f"{store}/HEAD", f"{repository.change.sha or f'ref: refs/heads/{home.branch}'}\n")
    _write(f"{store}/config", _config(home))
    refs = _refs(home)
    if refs:
        _write(f"{store}/packed-refs", "".join(f"{refs[name]} {name}\n" for name in sorted(refs)))
    if home.shallow:
        with open(f"{home.common_dir}/shallow", encoding="ascii") as file:
            _write(f"{store}/shallow", file.read())


def write_plain_store(folder: str, objects: str, commit: str) -> None:
    """A git folder that has nothing of another one but its objects, so that no setting and no hook of that one counts.
    Raises OSError."""
    os.makedirs(f"{folder}/objects/info")
    os.mkdir(f"{folder}/refs")
    _write(f"{folder}/objects/info/alternates", f"{objects}\n")
    _write(f"{folder}/HEAD", f"{commit}\n")
    version = "1\n[extensions]\n\tobjectFormat = sha256" if len(commit) == 64 else "0"
    _write(f"{folder}/config", f"[core]\n\tbare = false\n\trepositoryFormatVersion = {version}\n")


def _config(home: LocalRepository) -> str:
    settings = home.config
    kept = _KEPT_SECTIONS if home.top else ()  # of a mirror they are the server's own, and nothing to a job
    lines = [
        "[core]\n\tbare = false\n\tlogAllRefUpdates = true",
        "\ttrustctime = false\n\tcheckStat = minimal",  # a copy has other inodes than the template, the same mtimes
        "\tfsmonitor = false\n\tuntrackedCache = false",
        f"\trepositoryformatversion = {1 if 'extensions.objectformat' in settings else 0}",
        "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false",
    ]
    if remote := settings.get("remote.origin.url", ""):
        lines.append(_setting("remote.origin.url", without_password(remote)))
        lines.append(_setting("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"))
    for name, value in settings.items():
        if name in _KEPT or name.startswith(kept):
            lines.append(_setting(name, value))
    return "\n".join(lines) + "\n"


def _setting(name: str, value: str) -> str:
    section, _, key = name.rpartition(".")
    section, _, middle = section.partition(".")
    middle = middle.replace("\\", "\\\\").replace('"', '\\"')
    value = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    heading = f'[{section} "{middle}"]' if middle else f"[{section}]"
    return f'{heading}\n\t{key} = "{value}"'


def _refs(home: LocalRepository) -> dict[str, str]:
    """Refs as a clone has them: local branches win over what was last fetched."""
    found = _packed(home) | _loose(home)
    refs = {name: value for name, value in found.items() if name.startswith(("refs/tags/", "refs/remotes/"))}
    for name, value in found.items():
        if name.startswith("refs/heads/"):
            refs["refs/remotes/origin/" + name.removeprefix("refs/heads/")] = value
    return refs


def _packed(home: LocalRepository) -> dict[str, str]:
    if home.config.get("extensions.refstorage", "files") != "files":
        output = os.fsdecode(home.git(["for-each-ref", "--format=%(objectname) %(refname)"]))
    else:
        try:
            with open(f"{home.common_dir}/packed-refs", encoding="utf-8", errors="surrogateescape") as file:
                output = file.read()
        except FileNotFoundError:
            return {}
    lines = (line.split(" ", 1) for line in output.split("\n") if line and line[0] not in "#^")
    return {words[1]: words[0] for words in lines if len(words) == 2}


def _loose(home: LocalRepository) -> dict[str, str]:
    found = {}
    for kind in ("heads", "tags", "remotes"):
        top = f"{home.common_dir}/refs/{kind}"
        for folder, _, names in os.walk(top):
            for name in names:
                with open(f"{folder}/{name}", encoding="utf-8", errors="surrogateescape") as file:
                    value = file.read().strip()
                if not value.startswith("ref:") and not name.endswith(".lock"):
                    found[f"refs/{kind}{folder[len(top) :]}/{name}"] = value
    return found


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
