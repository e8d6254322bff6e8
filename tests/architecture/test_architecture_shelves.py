"""Shelves: a part is one file that no list names, imports no other part, and is added by a recipe."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
SOURCE = HOME / "src" / "plumbline"
RECIPE = re.compile(r"^## (Add .+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
CONTRACTS = [
    contract
    for contract in tomllib.loads((HOME / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    if contract["type"] == "independence"
]


def modules(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.py") if not path.name.startswith("_")]


def defines_part(path: Path) -> bool:
    for node in ast.parse(path.read_text()).body:
        names = [node.name] if isinstance(node, ast.FunctionDef) else []
        names += [ast.unparse(each) for each in node.targets] if isinstance(node, ast.Assign) else []
        if "PART" in names:
            return True
    return False


def loaded() -> set[str]:
    """Folders whose parts are loaded by ``kernel.shelf``."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "shelf":
                package = ast.unparse(node.args[0]).strip("'\"")
                folder = path.parent if package == "__name__" else SOURCE.parent / package.replace(".", "/")
                found.add(str(folder.relative_to(SOURCE)))
    return found


def with_parts() -> set[str]:
    """Folders with a module that defines ``PART``, however it is loaded."""
    return {str(path.parent.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if defines_part(path)}


def of_data() -> set[str]:
    """Folders whose parts are data."""
    folders = [path for path in SOURCE.rglob("*") if path.is_dir() and path.name != "__pycache__"]
    return {
        str(folder.relative_to(SOURCE))
        for folder in folders
        if (files := [*folder.iterdir()]) and all(file.suffix == ".yaml" for file in files)
    }


CODE = sorted(with_parts())
SHELVES = {*CODE, *of_data()}


def test_what_is_loaded_as_a_shelf_has_parts_alone() -> None:
    assert loaded() <= set(CODE)
    assert len(SHELVES) >= 9
    for name in CODE:
        strange = [path.name for path in modules(SOURCE / name) if not defines_part(path)]
        assert not strange, f"{name}: a helper's name begins with _"


def test_every_shelf_has_a_recipe_and_every_recipe_a_shelf() -> None:
    recipes = {}
    for title, text in RECIPE.findall((HOME / "docs" / "contributing.md").read_text()):
        [folder] = re.findall(r"`src/plumbline/([\w/]+)/<\w+>\.\w+`", text)
        recipes[folder] = title
    assert recipes.keys() == SHELVES, "docs/contributing.md: one `## Add ...` for each shelf, with the path of a part"
    assert len(set(recipes.values())) == len(recipes)


def test_the_architecture_names_every_shelf() -> None:
    text = (HOME / "docs" / "architecture.md").read_text()
    table = text[text.index("## Shelves") :].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([\w/]+)/` \|", table, re.MULTILINE)) == SHELVES


@pytest.mark.parametrize("shelf", CODE)
def test_parts_never_import_parts(shelf: str) -> None:
    package = f"plumbline.{shelf.replace('/', '.')}"
    [contract] = [each for each in CONTRACTS if each["modules"] == [f"{package}.*"]]
    helpers = {line.rpartition(".")[2] for line in contract.get("ignore_imports", [])}
    assert all(line.startswith(f"{package}.* -> {package}._") for line in contract.get("ignore_imports", []))
    assert helpers == {path.stem for path in (SOURCE / shelf).glob("_[a-z]*.py")}, "name the helpers of the shelf"


def test_no_contract_stands_for_a_shelf_that_is_gone() -> None:
    assert {each["modules"][0] for each in CONTRACTS} == {f"plumbline.{name.replace('/', '.')}.*" for name in CODE}
