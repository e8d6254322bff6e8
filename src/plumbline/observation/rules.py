"""Which kinds of rules are active in the rule sets for code that a tree has."""

from __future__ import annotations

import re

from plumbline.observation.patterns import Patterns

BUILDS = frozenset(["pom.xml", "build.gradle", "build.gradle.kts"])  # of the root
KINDS = ("style", "faults", "complexity", "duplication", "security", "licence")

_BY_NAME = Patterns(
    (
        (
            "style",
            r"(?:^|/)(?:\.editorconfig|\.prettierrc[^/]*|\.stylelintrc[^/]*|\.?checkstyle[^/]*\.xml|\.clang-format|"
            r"\.?rustfmt\.toml|\.scalafmt\.conf|\.yamllint[^/]*|\.markdownlint[^/]*|\.flake8|\.?pylintrc|\.?ruff\.toml|"
            r"\.rubocop\.yml|\.swiftlint\.yml|biome\.jsonc?|detekt[^/]*\.ya?ml)$",
        ),
        (
            "faults",
            r"(?:^|/)(?:\.?ruff\.toml|\.flake8|\.?pylintrc|\.?mypy\.ini|\.eslintrc[^/]*|eslint\.config\.\w+|biome\.jsonc?|"
            r"tslint\.json|[^/]*pmd[^/]*\.xml|(?:spotbugs|findbugs)[^/]*\.xml|detekt[^/]*\.ya?ml|\.golangci\.\w+|"
            r"\.rubocop\.yml|\.clang-tidy|\.?clippy\.toml|phpstan[^/]*\.neon(?:\.dist)?|\.swiftlint\.yml|\.hadolint\.ya?ml)$",
        ),
        ("duplication", r"(?:^|/)\.?jscpd[^/]*\.json$"),
        (
            "security",
            r"(?:^|/)(?:\.bandit|\.semgrep[^/]*|\.gitleaks\.toml|\.?codeql[^/]*\.ya?ml|\.?trivy(?:ignore|\.ya?ml)|\.snyk)$",
        ),
        (
            "licence",
            r"(?:^|/)(?:\.licenserc\.ya?ml|REUSE\.toml|\.reuse/dep5|\.fossa\.ya?ml|license-checker[^/]*\.json)$",
        ),
    )
)
_BY_TEXT = (
    (
        "style",
        rb"^\[tool\.(?:ruff|black|pylint|flake8|isort)\b|\bid: (?:black|prettier|gofmt|ruff-format|isort)\b|"
        rb"^\s*- (?:gofmt|gofumpt|gci|goimports|lll|revive|stylecheck)\b|"
        rb"spotless|ktlint|(?:maven-|id.*|plugin.*)checkstyle",
    ),
    (
        "faults",
        rb"^\[tool\.(?:ruff|mypy|pylint|flake8)\b|\bid: (?:ruff|ruff-check|mypy|flake8|eslint|pylint)\b|"
        rb"spotbugs|findbugs|maven-pmd|errorprone|detekt",
    ),
    (
        "complexity",
        rb"complexity|cyclop|gocyclo|gocognit|mccabe|NPath|\bC90\d?\b|LongMethod|MethodLength|ParameterNumber|"
        rb"max-(?:lines|depth|params|statements)",
    ),
    ("duplication", rb"\bdupl\b|duplicate-code|\bcpd\b|jscpd|DuplicateCode"),
    (
        "security",
        rb"\bbandit\b|\bgosec\b|gitleaks|detect-secrets|detect-private-key|find-?sec-?bugs|plugin:security|"
        rb"eslint-plugin-security|select\s*=\s*\[[^\]]*\"S\"|dependency-check-maven|org\.owasp\.dependencycheck",
    ),
    (
        "licence",
        rb"insert-license|\bgoheader\b|license-header|RegexpHeader|<module name=\"Header\"|^\[licenses\]|"
        rb"license-maven-plugin|apache-rat|com\.mycila",
    ),
)
_TEXTS = tuple((kind, re.compile(words, re.IGNORECASE | re.MULTILINE)) for kind, words in _BY_TEXT)
_ELSEWHERE = re.compile(rb"\bsonar|codacy|codeclimate|deepsource", re.I)
_COMMENT = re.compile(rb"^\s*(?:#|//|;|<!--.*-->).*$", re.M)


def rule_kinds(path: str, text: bytes, *, whole: bool = True) -> tuple[str, ...]:
    """Of :data:`KINDS`: those that a rule set activates, by its name and by what stands in it outside comments; and
    ``elsewhere`` where it names a server that has rules of its own. ``whole`` False: only that."""
    said = _COMMENT.sub(b"", text[: 1 << 18])
    found = {*_BY_NAME.matching(path), *(kind for kind, words in _TEXTS if words.search(said))} if whole else set()
    if _ELSEWHERE.search(said) or "sonar" in path.lower():
        found.add("elsewhere")
    return tuple(kind for kind in (*KINDS, "elsewhere") if kind in found)
