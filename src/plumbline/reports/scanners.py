"""What well-known scanners look for, for formats that do not say it."""

from __future__ import annotations

from plumbline.model.report import ScanKind

_NAMES = {
    ScanKind.SAST: """bandit brakeman codeql devskim findsecbugs flawfinder gosec njsscan opengrep security-code-scan
        semgrep snyk-code sonarqube spotbugs""",
    ScanKind.DEPENDENCY: """cargo-audit dependency-check govulncheck grype npm-audit osv-scanner owasp-dependency-check
        pip-audit retire.js""",
    ScanKind.SECRET: "detect-secrets ggshield gitleaks noseyparker talisman trufflehog",
    ScanKind.CONTAINER: "clair docker-scout dockle",
    ScanKind.DAST: "nikto nuclei owasp-zap schemathesis zap",
    ScanKind.INFRASTRUCTURE: """actionlint ansible-lint cfn-lint checkov hadolint kics kube-linter kube-score kubesec
        polaris terrascan tfsec zizmor""",
    ScanKind.QUALITY: """biome checkstyle clang-tidy clippy cppcheck detekt eslint flake8 golangci-lint ktlint mypy
        phpstan pmd psalm pylint rubocop ruff shellcheck staticcheck stylelint swiftlint""",
    ScanKind.LICENCE: "licensee scancode",
}
_BY_TOOL = {name: kind for kind, names in _NAMES.items() for name in names.split()}


def kind_of(tool: str) -> ScanKind:
    """What a tool of this name looks for; :attr:`ScanKind.OTHER` where we do not know it."""
    name = tool.strip().lower().replace(" ", "-")
    while name:
        if name in _BY_TOOL:
            return _BY_TOOL[name]
        name = name.rpartition("-")[0]
    return ScanKind.OTHER
