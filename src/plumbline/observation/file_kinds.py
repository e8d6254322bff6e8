"""What kind of file a path is. One table, first match wins; it is all that commits are classified by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.observation.patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Iterable

_SOURCE = (
    "py|pyx|pyi|java|kt|kts|scala|groovy|clj|js|jsx|mjs|cjs|ts|tsx|mts|vue|svelte|go|c|h|cc|cpp|cxx|hh|hpp|hxx|m|mm|"
    "rb|rs|cs|fs|vb|php|swift|dart|lua|pl|pm|r|jl|ex|exs|erl|hrl|hs|ml|mli|zig|nim|sh|bash|zsh|ps1|bat|sql|s|asm|"
    "css|scss|sass|less|html|htm|jsp|tsx|tcl|v|sv|vhd|f90|cob|cbl|abap|sol|cu|el|awk|xsl|xslt"
)
_PROGRAM = (
    "py|java|kts?|scala|groovy|clj|[mc]?[jt]sx?|vue|go|cc?|cpp|cxx|hh?|hpp|mm?|rb|rs|cs|fs|php|swift|dart|lua|pl|exs?|"
    "erl|hs|ml|zig|sh|ps1|robot|feature"
)
_TESTS = r"(?:^|/)(?:tests?|__tests__|specs?|src/(?:\w*[tT]est\w*))/"
_TEST_NAME = (
    r"(?:^|/)(?:test_[^/]*\.pyi?|[^/]*_tests?\.(?:py|go|cc?|cpp|cxx|rs|rb|exs|dart|lua|ml)|conftest\.py|"
    r"[^/]*[._-](?:test|spec|cy|unit)\.(?:[mc]?[jt]sx?|vue|dart|rb)|[^/]*_spec\.(?:rb|lua|js|ts)|"
    r"(?:Test[A-Z0-9_][^/]*|[^/]*(?:Tests?|TestCase|Spec))\.(?:java|kt|kts|scala|groovy|cs|fs|php|swift|mm?)|"
    r"[^/]*(?:[uU]nit)?[tT]ests?\.(?:cc|cpp|cxx|hpp)|(?:test|t-|unittest)[^/]*\.(?:cc?|cpp|cxx)|t\d{4}-[^/]*\.sh|[^/]*\.(?:bats|t))$"
)


def _kind(name: str, *patterns: str) -> tuple[str, str]:
    return name, "|".join(patterns)


_LOCKS = (
    r"package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|poetry\.lock|uv\.lock|"
    r"pdm\.lock|pylock[^/]*\.toml|Pipfile\.lock|Gemfile\.lock|Cargo\.lock|go\.sum|composer\.lock|gradle\.lockfile|"
    r"buildscript-gradle\.lockfile|packages\.lock\.json|mix\.lock|pubspec\.lock|Podfile\.lock|Package\.resolved|"
    r"flake\.lock|conan\.lock|\.terraform\.lock\.hcl|Chart\.lock|cabal\.project\.freeze|stack\.yaml\.lock|"
    r"MODULE\.bazel\.lock|requirements[^/]*\.lock"
)
_PIPELINES = (
    r"(?:^|/)[^/]*\.gitlab-ci[^/]*\.ya?ml$",
    r"(?:^|/)\.gitlab/ci/",
    r"^\.github/(?:workflows|actions)/",
    r"^\.gitea/workflows/",
    r"^\.forgejo/workflows/",
    r"^\.ci/.*\.ya?ml$",
    r"(?:^|/)Jenkinsfile[^/]*$",
    r"^\.circleci/",
    r"^\.buildkite/",
    r"^\.tekton/",
    r"^\.workflow/.*\.ya?ml$",
    r"\.jenkinsfile$",
    r"(?:^|/)(?:azure-pipelines[^/]*|bitbucket-pipelines|appveyor|\.appveyor|\.cirrus|\.drone|\.travis|\.woodpecker|"
    r"cloudbuild|buildspec)\.ya?ml$",
)
_TABLE = Patterns(
    (
        _kind("pipeline", *_PIPELINES),
        _kind("lock-file", rf"(?:^|/)(?:{_LOCKS})$"),
        _kind(
            "migration",
            r"(?:^|/)migrations?/(?:.*/)?[^/]*\d[^/]*\.(?:sql|py|rb|js|ts|go|php|java|ya?ml|xml|json)$",
            r"(?:^|/)migrations?/[^/]*\d[^/]*/migration\.sql$",
            r"(?:^|/)db/migrate/",
            r"(?:^|/)alembic/versions/",
            r"(?:^|/)(?:[VUR]\d[\d._]*|R)__[^/]*\.(?:sql|java|kt)$",
            r"(?:^|/)(?:db[./-]?)?changelogs?/[^/]*\.(?:xml|ya?ml|sql|json)$",
            r"(?:^|/)(?:db\.)?changelog[^/]*\.(?:xml|sql)$",
            r"(?:^|/)(?:sql|db|database|schema)s?/(?:.*/)?[^/]*(?:migrat|update|upgrade|\d{3,}_)[^/]*\.sql$",
        ),
        _kind(
            "performance-test",
            r"(?:^|/)(?:perf(?:ormance)?[-_]?(?:tests?)?|load[-_]?tests?|stress[-_]?tests?|benchmarks?|bench|gatling|"
            r"jmeter|k6|locust)/.*\.\w+$",
            r"\.jmx$",
            r"(?:^|/)locustfile[^/]*\.py$",
            r"(?:^|/)(?:bench_[^/]*\.py|[^/]*_bench(?:mark)?\.(?:go|py|rs|cc|cpp)|[^/]*Benchmarks?\.(?:java|kt|scala|cs))$",
        ),
        _kind(
            "e2e-test",
            r"(?:^|/)(?:e2e|end[-_]?to[-_]?end|cypress|playwright|selenium|ui[-_]?tests?|acceptance(?:[-_]?tests?)?|"
            r"browser[-_]?tests?|webdriver|system[-_]?tests?)/.*\.(?:" + _PROGRAM + r")$",
            r"(?:^|/)(?:tests?|specs?)/(?:ui|browser|system|functional|acceptance|features)/.*\.(?:" + _PROGRAM + r")$",
            r"\.(?:e2e|cy|e2e-spec|ui)(?:\.(?:test|spec))?\.[jt]sx?$",
            r"(?:^|/)[^/]*(?:_e2e_test|E2ETests?|UITests?|_e2e)\.(?:go|py|java|kt|cs|swift)$",
            r"(?:^|/)test_(?:e2e|ui|browser)[^/]*\.py$",
            r"\.(?:feature|robot)$",
        ),
        _kind(
            "interface-test",
            r"(?:^|/)(?:api[-_]?tests?|contract[-_]?tests?|pacts?|postman|karate|interface[-_]?tests?)/.*\.\w+$",
            r"(?:^|/)(?:tests?|specs?)/(?:apis?|contracts?|rest|graphql|grpc|requests)/.*\.(?:" + _PROGRAM + r")$",
            r"\.(?:postman_collection\.json|pact\.(?:[jt]s|json)|api\.(?:test|spec)\.[jt]s|hurl)$",
            r"(?:^|/)(?:test_api[^/]*|[^/]*_api_test)\.(?:py|go)$",
            r"(?:^|/)[^/]*(?:Api|API|Contract|Pact)Tests?\.(?:java|kt|cs|php)$",
        ),
        _kind(
            "integration-test",
            r"(?:^|/)(?:integration[-_]?tests?|integrationTest|integTest|src/it|intTest|int[-_]tests?)/.*\.(?:"
            + _PROGRAM
            + r")$",
            r"(?:^|/)(?:tests?|specs?|__tests__)/(?:.*/)?integration/.*\.(?:" + _PROGRAM + r")$",
            r"\.(?:integration|int|integ)(?:[.-](?:test|spec))\.[jt]sx?$",
            r"(?:^|/)(?:test_integration[^/]*|[^/]*_integration_test|[^/]*_integration|[^/]*_it_test)\.(?:py|go|rb)$",
            r"(?:^|/)[^/]*(?:IT|ITCase|IntegrationTests?|IntTest)\.(?:java|kt|scala|groovy|cs)$",
        ),
        _kind("unit-test", _TEST_NAME, _TESTS + r".*\.(?:" + _PROGRAM + r")$", r"^t/[^/]*\.(?:sh|pl|c|t)$"),
        _kind(
            "contract",
            r"(?:^|/)[^/]*(?:openapi|swagger|asyncapi)[^/]*\.(?:ya?ml|json)$",
            r"\.(?:proto|graphqls?|gql|wsdl|xsd|thrift|avsc|avdl|raml|apib|tsp|smithy)$",
        ),
        _kind(
            "environment",
            r"(?:^|/)(?:[^/]*\.)?(?:Dockerfile|Containerfile|dockerfile)(?:[.-][^/]*)?$",
            r"(?:^|/)(?:docker-)?compose[^/]*\.ya?ml$",
            r"(?:^|/)Chart\.ya?ml$",
            r"(?:^|/)(?:helm|charts?)/.*\.(?:ya?ml|tpl)$",
            r"(?:^|/)(?:k8s|kubernetes|kustomize|manifests|deploy(?:ment)?s?|argocd|flux)/.*\.ya?ml$",
            r"(?:^|/)(?:kustomization|skaffold|devfile|helmfile)[^/]*\.ya?ml$",
            r"(?:^|/)(?:\.devcontainer/|Vagrantfile$|Procfile$|Tiltfile$|flake\.nix$|shell\.nix$)",
        ),
        _kind(
            "infrastructure",
            r"\.(?:tf|tfvars|tofu|bicep|nomad|pkr\.hcl)$",
            r"(?:^|/)terragrunt\.hcl$",
            r"(?:^|/)Pulumi[^/]*\.ya?ml$",
            r"(?:^|/)cdk\.json$",
            r"(?:^|/)(?:ansible|playbooks?|roles/[^/]+/(?:tasks|handlers|vars|defaults|meta)|cloudformation|puppet|"
            r"salt(?:stack)?|packer|inventor(?:y|ies)|group_vars|host_vars)/.*\.(?:ya?ml|pp|sls|json|ini|cfg|j2)$",
            r"(?:^|/)ansible\.cfg$",
            r"(?:^|/)(?:site|playbooks?)\.ya?ml$",
        ),
        _kind(
            "docs",
            r"\.(?:md|mdx|rst|adoc|asciidoc|textile|org|tex|pod|rdoc)$",
            r"(?:^|/)(?:docs?|documentation|Documentation|man)/.*\.(?:txt|html?|png|svg|jpe?g|gif|puml|drawio|mmd)$",
            r"(?:^|/)(?:README|CHANGELOG|CHANGES|NEWS|CONTRIBUTING|AUTHORS|COPYING|LICEN[CS]E|CODEOWNERS|MAINTAINERS|"
            r"INSTALL|SECURITY|NOTICE|THANKS|HISTORY|TODO)(?:[.-][^/]*)?$",
        ),
        _kind(
            "code",
            rf"\.(?:{_SOURCE})$",
            r"(?:^|/)(?:Makefile|CMakeLists\.txt|Rakefile|BUILD(?:\.bazel)?|configure\.ac)$",
        ),
        _kind(
            "config",
            r"\.(?:ya?ml|toml|ini|cfg|conf|properties|env|json5?|xml|gradle|lock|editorconfig|hcl|plist|csproj|sln)$",
            r"(?:^|/)\.[A-Za-z][^/]*$",
            r"(?:^|/)(?:requirements[^/]*\.txt|go\.mod|Gemfile|Pipfile|Brewfile|setup\.cfg)$",
        ),
    )
)
TEST_KINDS = ("unit-test", "integration-test", "interface-test", "e2e-test", "performance-test")


def kind_of(path: str) -> str:
    """``code``, ``unit-test``, ..., ``config``; ``other`` for what is none of them."""
    found = _TABLE.matching(path)
    return found[0] if found else "other"


class Kinds:
    """Remembers what it found: a history names the same few paths again and again."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The kinds of these paths, sorted and without ``other``."""
        known = self._known
        found = set()
        for path in paths:
            kind = known.get(path)
            if kind is None:
                kind = known[path] = kind_of(path)
            found.add(kind)
        found.discard("other")
        return tuple(sorted(found))
