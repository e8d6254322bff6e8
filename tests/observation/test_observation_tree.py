"""Which kind of file a path is, and what a tree has."""

from __future__ import annotations

import pytest

from plumbline.observation import inspect_tree, kind_of, version_of

PATHS = {
    "pipeline": (
        ".gitlab-ci.yml ci/build.gitlab-ci.yml .github/workflows/a.yml Jenkinsfile .travis.yml .ci/x/y.yml "
        ".workflow/a.yml azure-pipelines.yml .tekton/a.yaml a/b.jenkinsfile"
    ),
    "lock-file": "package-lock.json a/poetry.lock Cargo.lock go.sum x/pnpm-lock.yaml uv.lock",
    "migration": (
        "app/migrations/0001_first.py db/migrate/20240101_x.rb alembic/versions/ab_c.py sql/V1__x.sql sql/U1__x.sql "
        "db/changelog/one.xml migrations/0001.up.sql prisma/migrations/20240101000000_x/migration.sql"
    ),
    "unit-test": (
        "tests/test_a.py tests/unit/test_b.py src/test/java/x/ATest.java a/b_test.go web/a.spec.ts web/a.test.jsx "
        "web/__tests__/a.js spec/a_spec.rb test/a_test.cc core/tests/t.rs src/FooTests.cs lib/t0001-x.sh a.bats"
    ),
    "integration-test": (
        "tests/integration/test_a.py src/integrationTest/java/A.java src/test/java/AIT.java a.integration.test.ts "
        "a/b_integration_test.go src/it/java/A.java"
    ),
    "interface-test": "tests/api/test_a.py api-tests/a.js x/OrderApiTest.java pacts/a.json a.postman_collection.json",
    "e2e-test": "e2e/a.ts cypress/e2e/a.cy.ts tests/e2e/a.py a.e2e.ts features/../x.feature a.robot tests/ui/test_a.py",
    "performance-test": "perf/a.py load-tests/a.js x.jmx locustfile.py bench/a.rs k6/a.js x/ABenchmark.java",
    "contract": "openapi.yaml a/swagger.json x.proto schema.graphql a.wsdl asyncapi.yml",
    "environment": "Dockerfile a/app.Dockerfile docker-compose.yml charts/a/templates/b.yaml k8s/a.yaml Chart.yaml",
    "infrastructure": "main.tf ansible/site.yml roles/web/tasks/main.yml ansible.cfg a/b.bicep",
    "docs": "README.md docs/a.rst CHANGELOG LICENSE docs/x.png",
    "code": "src/a.py a.go Makefile x.c a/b.kt web/a.vue src/main/java/com/integration/A.java talbot/latest.py",
    "config": "settings.toml .gitignore a.yml x.properties",
    "other": "a.bin x.png",
}


@pytest.mark.parametrize(("path", "kind"), [(path, kind) for kind, paths in PATHS.items() for path in paths.split()])
def test_the_kind_of_a_path(path, kind):
    assert kind_of(path) == kind


def found(files: dict[str, str]) -> dict[str, int]:
    tree = inspect_tree(files, lambda path: files[path].encode())
    assert [one.kind for one in tree] == sorted(one.kind for one in tree)
    return {one.kind: one.count for one in tree}


ALEMBIC = "down_revision = None\n\ndef upgrade():\n    op.x()\n\n\ndef downgrade() -> None:\n    {body}\n"
MIGRATIONS = [
    ({"sql/V1__a.sql": "", "sql/U1__a.sql": ""}, 1, 0),
    ({"sql/V1__a.sql": "", "sql/V2__b.sql": "", "sql/U2__b.sql": ""}, 1, 1),
    ({"sql/R__view.sql": ""}, 1, 0),
    ({"alembic/versions/a1.py": ALEMBIC.format(body="op.drop()")}, 1, 0),
    ({"alembic/versions/a1.py": ALEMBIC.format(body="pass")}, 0, 1),
    ({"alembic/versions/a1.py": ALEMBIC.format(body='"""Nothing."""\n    # no\n    pass')}, 0, 1),
    ({"alembic/versions/a1.py": ALEMBIC.format(body='raise NotImplementedError("never")')}, 0, 1),
    ({"migrations/1_a.up.sql": "", "migrations/1_a.down.sql": ""}, 1, 0),
    ({"migrations/1_a.up.sql": ""}, 0, 1),
    ({"db/migrate/1_a.rb": "class A < ActiveRecord::Migration[7.0]\n  def change\n"}, 1, 0),
    ({"db/migrate/1_a.rb": "class A < ActiveRecord::Migration[7.0]\n  def up\n"}, 0, 1),
    ({"db/migrate/1_a.rb": "class A < ActiveRecord::Migration\n  def down\n raise ActiveRecord::IrreversibleMigration"},
     0, 1),
    ({"app/migrations/0001_a.py": "class A(migrations.Migration):\n  migrations.AddField()"}, 1, 0),
    ({"app/migrations/0002_a.py": "class A(migrations.Migration):\n  migrations.RunPython(forth)"}, 0, 1),
    ({"app/migrations/0003_a.py": "class A(migrations.Migration):\n  migrations.RunPython(forth, back)"}, 1, 0),
    ({"db/changelog/a.xml": "<databaseChangeLog><changeSet><createTable/></changeSet>"}, 1, 0),
    ({"db/changelog/a.xml": "<databaseChangeLog><changeSet><sql>x</sql></changeSet>"}, 0, 1),
    ({"db/changelog/a.xml": "<databaseChangeLog><changeSet><sql>x</sql><rollback/></changeSet>"}, 1, 0),
    ({"db/changelog/master.xml": "<databaseChangeLog><include/>"}, 0, 0),
    ({"db/migrations/1_a.sql": "-- +goose Up\nx\n-- +goose Down\ny\n"}, 1, 0),
    ({"db/migrations/1_a.sql": "-- +goose Up\nx\n-- +goose Down\n"}, 0, 1),
    ({"db/migrations/1_a.sql": "create table x ()"}, 0, 1),
    ({"migrations/1_a.js": "exports.up = f; exports.down = g;"}, 1, 0),
    ({"migrations/1_a.js": "exports.up = f;"}, 0, 1),
    ({"prisma/migrations/20240101000000_a/migration.sql": ""}, 0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("files", "back", "one_way"), MIGRATIONS)
def test_migrations_with_and_without_a_way_back(files, back, one_way):
    kinds = found(files)
    assert (kinds.get("migration-reversible", 0), kinds.get("migration-irreversible", 0)) == (back, one_way)


@pytest.mark.parametrize(
    ("files", "kinds"),
    [
        ({"package.json": "", "yarn.lock": ""}, {"manifest-locked": 1}),
        ({"package.json": "", "packages/a/package.json": "", "pnpm-lock.yaml": ""}, {"manifest-locked": 2}),
        ({"package.json": "", "b/yarn.lock": ""}, {"manifest-unlocked": 1}),
        ({"node_modules/x/package.json": "", "vendor/a/go.mod": ""}, {}),
        ({"go.mod": "module x\n"}, {"manifest-locked": 1}),
        ({"pyproject.toml": "", "requirements/run.txt": "a==1 --hash=sha256:0"}, {"manifest-locked": 1}),
        ({"requirements.txt": "a==1\nb==2 # x\n"}, {"manifest-locked": 1}),
        ({"requirements.txt": "a==1\nb>=2\n"}, {"manifest-unlocked": 1}),
        ({"requirements.txt": "a\n"}, {"manifest-unlocked": 1}),
        ({"pyproject.toml": "[tool.ruff.lint]\n"}, {"quality-rules": 1}),
        ({".eslintrc.js": "", "ruff.toml": "", "checkstyle.xml": "", ".sonarcloud.properties": ""},
         {"quality-rules": 4}),
        ({"api/spec.yaml": "openapi: 3.1.0\n"}, {"contract": 1}),
        ({"infra/web.yaml": "apiVersion: apps/v1\nkind: Deployment\n"}, {"environment": 1}),
        ({"docs/adr/0001-x.md": "", "CODEOWNERS": "", "CONTRIBUTING.md": "", "CHANGELOG.md": "", "README": ""},
         {"decision": 1, "code-owners": 1, "contributing": 1, "changelog": 1, "readme": 1, "docs": 5}),
        ({"tests/test_a.py": "", "e2e/a.ts": ""}, {"test": 2, "unit-test": 1, "e2e-test": 1}),
        ({"Dockerfile": "", "main.tf": "", "charts/a/Chart.yaml": ""},
         {"container": 1, "environment": 2, "terraform": 1, "infrastructure": 1, "helm-chart": 1}),
    ],
)  # fmt: skip
def test_what_a_tree_has(files, kinds):
    seen = found(files)
    assert {kind: seen.get(kind, 0) for kind in kinds} == kinds
    if not kinds:
        assert seen == {}


@pytest.mark.parametrize(
    ("files", "tested", "untested"),
    [
        ({"package.json": "", "src/a.ts": "", "src/a.spec.ts": ""}, 1, 0),
        ({"package.json": "", "src/a.ts": "", "e2e/a.ts": ""}, 0, 1),  # tests, but not of units
        ({"package.json": "", "a/package.json": "", "a/b/x.js": "", "a/b/x.test.js": "", "y.js": ""}, 1, 1),
        ({"pom.xml": "", "a/pom.xml": "", "a/src/main/java/A.java": "", "b/pom.xml": "", "b/src/main/java/B.java": "",
          "b/src/test/java/BTest.java": ""}, 1, 1),  # the root has no code of its own
        ({"x/App.csproj": "", "x/a.cs": "", "x.Tests/App.Tests.csproj": "", "x.Tests/ATests.cs": "",
          "x.Tests/help.cs": ""}, 1, 0),
        ({"Cargo.toml": "", "src/lib.rs": "#[cfg(test)]\nmod tests {}"}, 1, 0),
        ({"Cargo.toml": "", "src/lib.rs": "fn a() {}"}, 0, 1),
        ({"go.mod": "", "a.go": "", "a_test.go": "", "examples/x/go.mod": "", "examples/x/x.go": ""}, 1, 0),
        ({"src/a.c": "", "tests/test_a.py": ""}, 0, 0),  # nobody says what a module is
    ],
)  # fmt: skip
def test_modules_with_unit_tests(files, tested, untested):
    kinds = found(files)
    assert (kinds.get("module-tested", 0), kinds.get("module-untested", 0)) == (tested, untested)


@pytest.mark.parametrize(
    ("files", "kinds"),
    [
        ({".editorconfig": ""}, "style"),
        ({"pyproject.toml": "[tool.ruff.lint]\nselect = [\"C90\", \"S\"]"}, "style faults complexity security"),
        ({"pyproject.toml": "[tool.ruff]\n# complexity"}, "style faults"),
        ({".golangci.yml": "linters:\n  enable:\n    - gofmt\n    - dupl\n    - gosec\n    - cyclop\n    - goheader"},
         "style faults complexity duplication security licence"),
        ({"checkstyle.xml": "<module name='CyclomaticComplexity'/>"}, "style complexity"),
        ({"pom.xml": "<artifactId>spotbugs-maven-plugin</artifactId>"}, "faults"),
        ({"a/pom.xml": "<artifactId>spotbugs-maven-plugin</artifactId>"}, ""),
        ({"sonar-project.properties": ""}, "elsewhere"),
        ({"Jenkinsfile": "sh 'sonar-scanner -Dcomplexity'"}, "elsewhere"),
        ({"main.py": "complexity"}, ""),
    ],
)  # fmt: skip
def test_kinds_of_rules(files, kinds):
    assert {kind.removeprefix("rules-") for kind in found(files) if kind.startswith("rules-")} == set(kinds.split())


def test_what_definitions_declare_is_counted_by_its_kind():
    seen = found({".gitlab-ci.yml": "ship: {script: x, environment: prod}", "Jenkinsfile": "@Library('x') _"})
    assert {kind: count for kind, count in seen.items() if kind.startswith(("pipeline", "delivery"))} == {
        "pipeline": 2, "pipeline-own": 1, "pipeline-shared": 1, "delivery-own": 1, "delivery-ungated": 1,
    }  # fmt: skip


def test_only_the_first_paths_are_named():
    [code] = inspect_tree([f"{number:02}.py" for number in range(30)], lambda _: None)
    assert (code.count, len(code.paths), code.paths[0]) == (30, 20, "00.py")


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("v1.2.3", "1.2.3"),
        ("1.0", "1.0"),
        ("release-2.1", "2.1"),
        ("app/v1.2.3-rc.1", "1.2.3-rc.1"),
        ("app@1.2.0", "1.2.0"),
        ("v2.0rc1", "2.0rc1"),
        ("REL_15_2", "15.2"),
        ("2024.01.15", "2024.01.15"),
        ("nightly", ""),
        ("v1", ""),
        ("backup-before-merge", ""),
    ],
)
def test_tags_that_name_a_version(tag, version):
    assert version_of(tag) == version
