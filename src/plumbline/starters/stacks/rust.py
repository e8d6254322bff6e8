"""Rust: Cargo, with a workspace as one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Cache, Found, Job, Version
from plumbline.starters.starter import Starter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.starters.files import Files

_TEST = re.compile(r"#\[(?:\w+::)?test\b")
_READ = 40  # files of source that are opened to see whether one has tests


def find(files: Files) -> Iterable[Found]:
    for folder in files.homes("Cargo.toml"):
        yield _found(files, folder)


def _found(files: Files, folder: str) -> Found:
    version = _version(files, folder)
    locked = joined(folder, "Cargo.lock") in files
    flags = " --locked" if locked else ""
    tests = _tests(files, folder)
    test = (f"cargo test --workspace --no-fail-fast{flags}",) if tests else ()
    job = Job(
        stage="test" if tests else "build",
        image=f"rust:{version.number}",
        tools=("cargo", "rustc", "cc"),
        variables={"CARGO_HOME": "$CI_PROJECT_DIR/.cache/cargo", "CARGO_TARGET_DIR": "$CI_PROJECT_DIR/.cache/target"},
        cache=Cache(files=("Cargo.lock",) if locked else ("Cargo.toml",), paths=(".cache/",)),
        script=(f"cargo build --workspace --all-targets{flags}", *test),
    )
    lacking = [
        t("A test report of Rust: Cargo's own test runner writes none; cargo-nextest would.")
        if tests
        else t("Tests of Rust: none were found in {folder}, so its code is only built.", folder=folder or ".")
    ]
    guessed = []
    if not locked:
        guessed.append(t("Dependencies in {folder} have no lock file: each run installs what is newest.",
                         folder=folder or "."))  # fmt: skip
    return Found(
        folder=folder,
        files=("Cargo.toml", *(["Cargo.lock"] if locked else []), *tests[:1]),
        jobs=(job,),
        said=version.said,
        guessed=(*version.guessed, *guessed),
        lacking=tuple(lacking),
    )


def _tests(files: Files, folder: str) -> list[str]:
    own = files.below(folder, r"(?:^|/)tests/[^/]+\.rs$")
    if own:
        return own
    source = files.below(folder, r"\.rs$")[:_READ]
    return [path for path in source if _TEST.search(files.text(joined(folder, path)))][:1]


def _version(files: Files, folder: str) -> Version:
    for name in dict.fromkeys((joined(folder, "rust-toolchain.toml"), joined(folder, "rust-toolchain"))):
        text = files.text(name)
        channel = files.toml(name).string("toolchain", "channel") or text.strip().partition("\n")[0]
        if re.fullmatch(r"1\.\d{1,3}(?:\.\d{1,3})?", channel):
            return Version(channel, t("Rust {version}: {file}", version=channel, file=name))
        if channel == "stable":
            return Version("1", t("Rust 1, the newest: {file} says stable.", file=name))
        if channel.startswith("nightly"):
            return Version("1", t("Rust 1, the newest: {file} asks for a nightly, of which rustup in the image fetches "
                                  "the one that is meant.", file=name))  # fmt: skip
    table = files.toml(joined(folder, "Cargo.toml"))
    oldest = table.string("package", "rust-version") or table.string("workspace", "package", "rust-version")
    if re.fullmatch(r"1\.\d{1,3}(?:\.\d{1,3})?", oldest):
        return Version("1", t("Rust 1, the newest: {file} asks for {version} at least.",
                              file=joined(folder, "Cargo.toml"), version=oldest))  # fmt: skip
    return Version("1", t("Rust 1, the newest: no file says which one is meant."), sure=False)


PART = Starter(title=t("Rust"), find=find, manifests=("Cargo.toml",))
