"""What kinds of files a tree has. Paths tell most of it; a few files are read where a path does not say enough."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.observation.agents import is_agent_file
from plumbline.observation.definitions import definitions
from plumbline.observation.file_kinds import TEST_KINDS, kind_of
from plumbline.observation.migrations import sorted_migrations
from plumbline.observation.modules import tested_modules
from plumbline.observation.observed import TreeFound
from plumbline.observation.patterns import Patterns
from plumbline.observation.rules import BUILDS, rule_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Read = Callable[[str], bytes | None]

MOST_SHOWN = 20  # paths of one kind
_MOST_READ = 400  # files that are opened to see what they are
_FOREIGN = re.compile(r"(?:^|/)(?:node_modules|vendor|third[-_]party|bower_components|site-packages)/")

# Beside the kind of the path: what more it is. A path may be several of these.
_ASPECTS = {
    "container": (
        r"(?:^|/)(?:[^/]*\.)?(?:Dockerfile|Containerfile)(?:[.-][^/]*)?$|(?:^|/)(?:docker-)?compose[^/]*\.ya?ml$"
    ),
    "helm-chart": r"(?:^|/)Chart\.ya?ml$",
    "terraform": r"\.(?:tf|tofu)$",
    "ansible": r"(?:^|/)(?:ansible|playbooks?|roles/[^/]+/(?:tasks|handlers))/.*\.ya?ml$|(?:^|/)ansible\.cfg$",
    "quality-rules": (
        r"(?:^|/)(?:\.?ruff\.toml|\.flake8|\.?pylintrc|mypy\.ini|\.mypy\.ini|\.bandit|\.eslintrc[^/]*|eslint\.config\.\w+|"
        r"biome\.jsonc?|tslint\.json|\.stylelintrc[^/]*|\.prettierrc[^/]*|\.?checkstyle[^/]*\.xml|[^/]*pmd[^/]*\.xml|"
        r"(?:spotbugs|findbugs)[^/]*\.xml|detekt[^/]*\.ya?ml|\.?sonar(?:-project|cloud)?\.properties|\.golangci\.\w+|"
        r"\.rubocop\.yml|\.clang-(?:tidy|format)|\.?clippy\.toml|\.?rustfmt\.toml|phpstan[^/]*\.neon(?:\.dist)?|"
        r"\.pre-commit-config\.yaml|\.swiftlint\.yml|\.hadolint\.ya?ml|\.yamllint[^/]*|\.markdownlint[^/]*|"
        r"\.semgrep[^/]*|\.gitleaks\.toml|\.?trivy(?:ignore|\.ya?ml)|\.snyk|\.?jscpd[^/]*\.json|\.licenserc\.ya?ml|REUSE\.toml|"
        r"\.reuse/dep5|\.fossa\.ya?ml|deny\.toml|\.?codeql[^/]*\.ya?ml|\.editorconfig|commitlint\.config\.\w+|\.scalafmt\.conf)$"
    ),
    "readme": r"^(?:README|readme|Readme)(?:[._-][^/]*)?$",
    "contributing": r"(?:^|/)(?:CONTRIBUTING|contributing|CodingGuidelines|SubmittingPatches)(?:[.-][^/]*)?$",
    "code-owners": r"^(?:\.github/|\.gitlab/|docs/)?CODEOWNERS$|^OWNERS$|(?:^|/)MAINTAINERS(?:\.[^/]*)?$",
    "changelog": (
        r"(?:^|/)(?:CHANGELOG|CHANGES|HISTORY|NEWS|changelog|ReleaseNotes|RELEASES)(?:[._-][^/]*)?$|(?:^|/)RelNotes/"
    ),
    "decision": r"(?:^|/)(?:adr|adrs|decisions|architecture[-_]decisions?|rfcs?)/[^/]*\.(?:md|adoc|rst)$",
    "merge-template": (
        r"(?:^|/)(?:pull_request_template[^/]*|PULL_REQUEST_TEMPLATE[^/]*)(?:$|/)|^\.gitlab/merge_request_templates/"
    ),
    "security-policy": r"(?:^|/)(?:SECURITY|security)\.(?:md|adoc|rst|txt)$",
    "dependency-updates": r"(?:^|/)(?:\.?renovate(?:rc)?(?:\.json5?)?|dependabot\.ya?ml)$",
    "licence": r"^(?:LICEN[CS]E|COPYING)(?:[.-][^/]*)?$",
    "mock": r"(?:^|/)(?:mocks?|__mocks__|stubs?|fixtures|testdata|test[-_]data)/",
    "monitoring": r"(?:^|/)(?:prometheus|alertmanager|grafana|dashboards?|alerts?)[^/]*(?:/.*)?\.(?:ya?ml|json|rules)$",
}
_ASPECT_PATTERNS = Patterns(_ASPECTS.items())
# A manifest, and the lock files that pin what it asks for.
_MANIFESTS = {
    "package.json": (
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
        "bun.lockb",
    ),
    "pyproject.toml": ("poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "requirements.txt", "requirements.lock"),
    "Pipfile": ("Pipfile.lock",),
    "Gemfile": ("Gemfile.lock",),
    "Cargo.toml": ("Cargo.lock",),
    "go.mod": ("go.sum",),
    "composer.json": ("composer.lock",),
    "build.gradle": ("gradle.lockfile",),
    "build.gradle.kts": ("gradle.lockfile",),
    "mix.exs": ("mix.lock",),
    "pubspec.yaml": ("pubspec.lock",),
    "Podfile": ("Podfile.lock",),
    "conanfile.txt": ("conan.lock",),
    "conanfile.py": ("conan.lock",),
}
_YAML = re.compile(r"\.(?:ya?ml|json)$")
_CONTRACT_TEXT = re.compile(rb"^\s*[{]?\s*[\"']?(?:openapi|swagger|asyncapi)[\"']?\s*:", re.MULTILINE)
_KUBERNETES = re.compile(rb"^apiVersion:\s*\S+\s*$(?s:.*)^kind:\s*\w+", re.MULTILINE)
_PYPROJECT_RULES = re.compile(rb"^\[tool\.(?:ruff|mypy|pylint|flake8|black|bandit)\b", re.MULTILINE)
_PINNED = re.compile(rb"^[A-Za-z0-9][\w.\-\[\]]*\s*(?:@|===?)", re.MULTILINE)
_LOOSE = re.compile(rb"^[A-Za-z0-9][\w.\-\[\], ]*(?:[<>~!].*)?$", re.MULTILINE)


def inspect_tree(paths: Iterable[str], read: Read) -> list[TreeFound]:
    """The kinds of files that are there, sorted by kind; dependencies that were copied in do not count.

    ``read`` gives a file's bytes, None where it cannot."""
    own = sorted(path for path in paths if not _FOREIGN.search(path))
    found: dict[str, list[str]] = {}
    for path in own:
        for kind in _kinds(path):
            found.setdefault(kind, []).append(path)
    _look_inside(found, read)
    _add(found, "manifest-locked", "manifest-unlocked", _manifests(own, read))
    _add(
        found,
        "migration-reversible",
        "migration-irreversible",
        sorted_migrations(found.get("migration", []), own, read),
    )
    _add(
        found,
        "module-tested",
        "module-untested",
        tested_modules(own, found.get("code", ()), found.get("unit-test", ()), read),
    )
    _look_at_rules(found, [path for path in own if path in BUILDS], read)
    for one in definitions(found.get("pipeline", ()), read):
        found.setdefault("pipeline-shared" if one.shared else "pipeline-own", []).append(one.path)
        if one.delivers:
            found.setdefault("delivery-shared" if one.shared else "delivery-own", []).append(one.path)
        if one.gated is not None:
            found.setdefault("delivery-gated" if one.gated else "delivery-ungated", []).append(one.path)
    return [
        TreeFound(kind, len(paths), tuple(paths[:MOST_SHOWN]))
        for kind, paths in sorted((kind, sorted(set(paths))) for kind, paths in found.items())
        if paths
    ]


def _kinds(path: str) -> list[str]:
    kind = kind_of(path)
    aspects = _ASPECT_PATTERNS.matching(path)
    if kind in TEST_KINDS:
        aspects.append("test")
    if is_agent_file(path):
        aspects.append("agent-config")
    return [kind, *aspects] if kind != "other" else aspects


def _add(found: dict[str, list[str]], yes: str, no: str, judged: Iterable[tuple[str, bool]]) -> None:
    for path, good in judged:
        found.setdefault(yes if good else no, []).append(path)


def _look_inside(found: dict[str, list[str]], read: Read) -> None:
    """Contracts and Kubernetes objects whose names do not say so; rule sets that stand in a bigger file."""
    for path in [path for path in found.get("config", []) if _YAML.search(path)][:_MOST_READ]:
        text = (read(path) or b"")[:4096]
        kind = "contract" if _CONTRACT_TEXT.search(text) else "environment" if _KUBERNETES.search(text) else ""
        if kind:
            found["config"].remove(path)
            found.setdefault(kind, []).append(path)
    for path in found.get("config", []):
        if path.rpartition("/")[2] in ("pyproject.toml", "setup.cfg") and _PYPROJECT_RULES.search(read(path) or b""):
            found.setdefault("quality-rules", []).append(path)


def _look_at_rules(found: dict[str, list[str]], builds: list[str], read: Read) -> None:
    """Kinds of rules that a rule set or the root's build file activates, and whether there are some elsewhere."""
    ruled: dict[str, list[str]] = {}
    sets, pipelines = [*found.get("quality-rules", ()), *builds], found.get("pipeline", ())
    for path in [*sets, *pipelines][:_MOST_READ]:
        for kind in rule_kinds(path, read(path) or b"", whole=path not in pipelines):
            ruled.setdefault(f"rules-{kind}", []).append(path)
    found |= ruled


def _manifests(paths: Sequence[str], read: Read) -> list[tuple[str, bool]]:
    """Each manifest, and whether what it asks for is pinned beside it or, as in a workspace, above it."""
    there = set(paths)
    judged = []
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name in _MANIFESTS:
            locks = [f"{above}{lock}" for above in _above(folder) for lock in _MANIFESTS[name]]
            judged.append((path, not there.isdisjoint(locks) or _pinned_elsewhere(path, paths, read)))
        elif re.fullmatch(r"requirements[^/]*\.txt", name) or path.endswith("requirements/base.txt"):
            text = read(path) or b""
            judged.append((path, bool(_PINNED.search(text)) and not _LOOSE.search(text)))
    return judged


def _pinned_elsewhere(path: str, paths: Sequence[str], read: Read) -> bool:
    """A Go module that asks for nothing; a Python project whose requirements with their hashes stand in a folder."""
    folder, _, name = path.rpartition("/")
    if name == "go.mod":
        return b"require" not in (read(path) or b"require")
    if name != "pyproject.toml":
        return False
    place = f"{folder}/requirements/" if folder else "requirements/"
    return any(b"--hash=" in (read(one) or b"") for one in paths if one.startswith(place) and one.endswith(".txt"))


def _above(folder: str) -> list[str]:
    """The folder and those around it, each ready to be put before a name."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:count]) + "/" if count else "" for count in range(len(parts), -1, -1)]
