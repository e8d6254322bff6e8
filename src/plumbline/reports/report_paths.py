"""Where tools leave their reports unless told otherwise, by ecosystem: the end of a path, as its tools document it."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    ecosystem: str
    glob: str  # the last segments of a path; `*` stays inside one


PLACES = (
    Place("Maven Surefire", "target/surefire-reports/TEST-*.xml"),
    Place("Maven Failsafe", "target/failsafe-reports/TEST-*.xml"),
    Place("JaCoCo (Maven)", "target/site/jacoco/jacoco.xml"),
    Place("JaCoCo (Maven)", "target/site/jacoco-aggregate/jacoco.xml"),
    Place("JaCoCo (Maven)", "target/site/jacoco-it/jacoco.xml"),
    Place("PIT", "target/pit-reports/mutations.xml"),
    Place("PIT", "build/reports/pitest/mutations.xml"),
    Place("CycloneDX (Maven)", "target/bom.json"),
    Place("CycloneDX (Maven)", "target/bom.xml"),
    Place("SpotBugs", "target/spotbugsSarif.json"),
    Place("Checkstyle (Maven)", "target/checkstyle-result.xml"),
    Place("Gradle", "build/test-results/*/TEST-*.xml"),
    Place("JaCoCo (Gradle)", "build/reports/jacoco/*/*.xml"),
    Place("Checkstyle (Gradle)", "build/reports/checkstyle/*.xml"),
    Place("CycloneDX (Gradle)", "build/reports/bom.json"),
    Place("jest-junit, vitest, mocha", "junit.xml"),
    Place("mocha, Karma", "test-results.xml"),
    Place("vitest, Playwright", "test-results/*.xml"),
    Place("Playwright", "playwright-report/*.xml"),
    Place("Cypress", "cypress/results/*.xml"),
    Place("Istanbul, nyc, jest, vitest", "coverage/lcov.info"),
    Place("Istanbul, nyc, jest, vitest", "coverage/cobertura-coverage.xml"),
    Place("Istanbul, nyc, jest, vitest", "coverage/clover.xml"),
    Place("Karma", "coverage/*/lcov.info"),
    Place("lcov", "lcov.info"),
    Place("lcov", "coverage.info"),
    Place("pytest", "junit-*.xml"),
    Place("pytest", "pytest*.xml"),
    Place("pytest", "test-reports/*.xml"),
    Place("pytest", "reports/*.xml"),
    Place("coverage.py", "coverage.xml"),
    Place("Go (gotestsum, go-junit-report)", "report.xml"),
    Place("Go (gocover-cobertura)", "cobertura.xml"),
    Place(".NET", "TestResults/*.trx"),
    Place(".NET", "TestResults/*.xml"),
    Place(".NET (coverlet)", "TestResults/*/coverage.cobertura.xml"),
    Place(".NET (coverlet)", "coverage.cobertura.xml"),
    Place("NUnit", "TestResult.xml"),
    Place("PHPUnit", "build/logs/junit.xml"),
    Place("PHPUnit", "build/logs/clover.xml"),
    Place("PHPUnit", "clover.xml"),
    Place("RSpec", "rspec*.xml"),
    Place("CTest", "ctest*.xml"),
    Place("Rust (nextest)", "target/nextest/*/junit.xml"),
    Place("Rust (tarpaulin)", "cobertura.xml"),
    Place("k6", "summary.json"),
    Place("Newman", "newman/*.json"),
    Place("Schemathesis", "schemathesis-report/*"),
    Place("HAR", "*.har"),
    Place("Plumbline", "plumbline-calls*.jsonl"),
    Place("SARIF", "*.sarif"),
    Place("SARIF", "*.sarif.json"),
    Place("CycloneDX", "bom.json"),
    Place("CycloneDX", "sbom.json"),
    Place("CycloneDX", "*.cdx.json"),
    Place("CycloneDX", "*.cdx.xml"),
    Place("SPDX", "*.spdx.json"),
    Place("GitLab", "gl-*.json"),
    Place("gitleaks", "gitleaks*.json"),
    Place("OWASP ZAP", "zap*.json"),
    Place("Scorecard", "scorecard.json"),
)

# Folders that tools write into; only below these is looked deeper than the first two levels.
OUTPUT = frozenset((
    "target", "build", "out", "dist", "coverage", "reports", "report", "logs", "test-results", "test-reports",
    "TestResults", "playwright-report", "cypress", "newman", "schemathesis-report",
))  # fmt: skip
# Folders of others, in which nothing of this job's own is.
SKIPPED = frozenset((
    ".git", "node_modules", ".venv", "venv", ".tox", ".nox", "__pycache__", "vendor", ".gradle", ".m2", ".npm",
    ".cache", ".cargo", ".idea", ".vscode", "site-packages", "bower_components", ".yarn", ".pnpm-store",
))  # fmt: skip
SUFFIXES = (".xml", ".json", ".jsonl", ".ndjson", ".sarif", ".info", ".trx", ".har", ".jtl")
