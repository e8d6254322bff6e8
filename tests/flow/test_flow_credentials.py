"""Credentials of private repositories: set at a node, used below it by everything that looks at a remote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from door_tools import House
from git_servers import HERE, HttpGit
from local_repositories import commit, make_repository

from plumbline.adapters.secrets import KeyVault, add_key, drop_old_keys
from plumbline.flow.pipelines.carry_out import carry_out_due
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.look import look_at
from plumbline.flow.pipelines.receive_webhook import receive_change
from plumbline.flow.pipelines.tools import Wanted
from plumbline.flow.storage.reencrypt import look_at_sealed, reencrypt
from plumbline.flow.tree.bind_repository import RepositoryWrite, bind_repository
from plumbline.flow.tree.repository_credentials import login_of, put_repository_credential, remove_repository_credential
from plumbline.kernel import PlumblineError
from plumbline.model.person import Role
from plumbline.model.repository_credential import RemoteScheme, RepositoryCredential
from plumbline.model.server import Binding, Outcome, Webhook, WebhookKind
from plumbline.model.tree import INSTANCE, NodeKind
from plumbline.wiring.stores import KEYS

pytestmark = pytest.mark.slow

HTTPS, HTTP, SSH = RemoteScheme
TOKEN = "glpat-0123456789abcdef"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A private key as ssh-keygen makes it: one that opens by itself, one in PEM, and both with a passphrase."""
    folder = tmp_path_factory.mktemp("keys")
    made = {}
    for name, options in {
        "plain": ["-t", "ed25519", "-N", ""],
        "pem": ["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""],
        "closed": ["-t", "ed25519", "-N", "a passphrase"],
        "closed pem": ["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "a passphrase"],
        "closed pkcs8": ["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "a passphrase"],
    }.items():
        subprocess.run(["ssh-keygen", "-q", *options, "-f", folder / name], check=True)
        made[name] = (folder / name).read_text()
    return made


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path / "data")
    with made.server:
        made.admin = made.person("ada", Role.ADMIN)
        made.bank = made.node("bank")
        made.pay = made.node("pay", NodeKind.PRODUCT_LINE, made.bank)
        made.core = made.node("core", NodeKind.PROJECT, made.pay)
        yield made


def put(house, node, scheme, host, secret, **fields):
    stored = RepositoryCredential(node=node.id if node else INSTANCE, scheme=scheme, host=host, sealed=b"", **fields)
    return put_repository_credential(house.standing(house.admin), house.tools.tree, stored, secret)


def remove(house, node, scheme, host):
    tree = house.tools.tree
    return remove_repository_credential(house.standing(house.admin), tree, node.id, scheme, host)


def login(house, url, vault=None, project=None):
    binding = Binding(project=(project or house.core).id, kind="git", url=url)
    return login_of(house.tools.units.store, vault or house.tools.tree.vault, binding)


def bind(house, project, url, **fields):
    given = RepositoryWrite(kind="git", url=url, **fields)
    return bind_repository(house.standing(house.admin), house.tools.tree, project.id, given)


def refusal(act):
    with pytest.raises(PlumblineError) as caught:
        act()
    return caught.value


class TestWhatIsSet:
    def test_the_nearest_one_is_used_and_opened(self, house):
        put(house, None, HTTPS, "git.bank.example", "of all")
        put(house, house.bank, HTTPS, "Git.Bank.example:443", "of the bank", username="deploy")
        found = login(house, "https://git.bank.example/x.git")
        assert (found.secret, found.username, found.place) == ("of the bank", "deploy", "bank")
        put(house, house.core, HTTPS, "git.bank.example", "of core\r\n")
        found = login(house, "https://me@git.bank.example/x.git")
        assert (found.secret, found.username, found.place) == ("of core", "me", "bank/pay/core")
        assert remove(house, house.core, HTTPS, "GIT.bank.example")
        assert remove(house, house.bank, HTTPS, "git.bank.example")
        assert not remove(house, house.bank, HTTPS, "git.bank.example")
        found = login(house, "https://git.bank.example/x.git")
        assert (found.secret, found.username, found.place) == ("of all", "", "/")

    @pytest.mark.parametrize(
        "url",
        [
            "http://git.bank.example/x.git",
            "https://git.bank.example:8443/x.git",
            "https://other.git.bank.example/x.git",
            "https://git.bank.example.evil.example/x.git",
            "ssh://git@git.bank.example/x.git",
            "git@git.bank.example:x.git",
            "https://git.bank.example@evil.example/x.git",
            "/srv/git.bank.example/x.git",
        ],
    )
    def test_it_is_for_one_host_alone(self, house, url):
        put(house, house.bank, HTTPS, "git.bank.example", TOKEN)
        assert login(house, url) is None

    def test_another_product_line_does_not_have_it(self, house):
        put(house, house.pay, HTTPS, "git.bank.example", TOKEN)
        loans = house.node("loans", NodeKind.PRODUCT_LINE, house.bank)
        ledger = house.node("ledger", NodeKind.PROJECT, loans)
        assert login(house, "https://git.bank.example/x.git").secret == TOKEN
        assert login(house, "https://git.bank.example/x.git", project=ledger) is None

    def test_a_key_for_ssh_is_kept_as_files_are(self, house, keys):
        hosts = "git.bank.example ssh-ed25519 AAAAC3\r\n# a note\r\n\r\n@revoked * ssh-rsa AAAAB3"
        put(house, house.bank, SSH, "git.bank.example", keys["plain"].replace("\n", "\r\n"), known_hosts=hosts)
        found = login(house, "git@git.bank.example:pay/core.git")
        assert (found.secret, found.username) == (keys["plain"], "")
        assert found.known_hosts == hosts.replace("\r\n", "\n") + "\n"
        put(house, house.bank, SSH, "git.bank.example:2222", keys["pem"].strip())
        assert login(house, "ssh://git@git.bank.example:2222/core.git").secret == keys["pem"]

    def test_what_is_recorded_has_no_secret(self, house, keys):
        put(house, house.bank, HTTPS, "git.bank.example", TOKEN, username="deploy")
        put(house, house.bank, SSH, "git.bank.example", keys["plain"])
        remove(house, house.bank, SSH, "git.bank.example")
        contents = [event["subject"]["content"] for event in house.events("repositoryCredential")]
        assert contents == [
            {"node": "bank", "scheme": scheme, "host": "git.bank.example", "by": "ada"}
            for scheme in ("https", "ssh", "ssh")
        ]
        assert TOKEN.encode() not in house.ledger_bytes()
        assert keys["plain"].splitlines()[1].encode() not in house.ledger_bytes()

    def test_what_is_stored_has_no_secret(self, house, tmp_path):
        put(house, house.bank, HTTPS, "git.bank.example", TOKEN)
        files = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
        assert files
        assert not any(TOKEN.encode() in content for content in files)

    @pytest.mark.parametrize(
        "changed",
        [
            {"host": "evil.example"},
            {"scheme": HTTP},
            {"node": 3},
            {"known_hosts": "git.bank.example ssh-rsa AAAA\n"},
            {"username": "x"},
        ],
        ids=str,
    )
    def test_who_changes_the_database_does_not_get_it_sent_elsewhere(self, house, changed):
        stored = put(house, house.bank, HTTPS, "git.bank.example", TOKEN)
        assert house.core.id == 3
        moved = msgspec.structs.replace(stored, **changed)
        with house.change() as tx:
            tx.repository_credentials.remove(stored.node, stored.scheme, stored.host)
            tx.repository_credentials.put(moved)
        error = refusal(lambda: login(house, f"{moved.scheme}://{moved.host}/x.git"))
        assert error.code == "sealed-value-damaged"

    @pytest.mark.parametrize(
        ("scheme", "host", "secret", "fields", "code"),
        [
            (HTTPS, "https://git.bank.example", TOKEN, {}, "credential-host-wrong"),
            (HTTPS, "*.bank.example", TOKEN, {}, "credential-host-wrong"),
            (HTTPS, "", TOKEN, {}, "credential-host-wrong"),
            (HTTPS, "git.bank.example", "", {}, "credential-password-wrong"),
            (HTTPS, "git.bank.example", "\n", {}, "credential-password-wrong"),
            (HTTPS, "git.bank.example", "two\nlines", {}, "credential-password-wrong"),
            (HTTPS, "git.bank.example", "a\0b", {}, "credential-password-wrong"),
            (HTTPS, "git.bank.example", "a\rb", {}, "credential-password-wrong"),
            (HTTPS, "git.bank.example", "x" * 5000, {}, "credential-password-wrong"),
            (HTTPS, "git.bank.example", TOKEN, {"username": "a\nhost=evil"}, "credential-username-wrong"),
            (SSH, "git.bank.example", TOKEN, {}, "credential-key-wrong"),
            (SSH, "git.bank.example", "", {}, "credential-key-wrong"),
            (SSH, "git.bank.example", "plain", {"username": "-oProxyCommand=id"}, "credential-username-wrong"),
            (SSH, "git.bank.example", "closed", {}, "credential-key-wrong"),
            (SSH, "git.bank.example", "closed pem", {}, "credential-key-wrong"),
            (SSH, "git.bank.example", "closed pkcs8", {}, "credential-key-wrong"),
            (SSH, "git.bank.example", "plain", {"known_hosts": "git.bank.example"}, "known-hosts-wrong"),
            (SSH, "git.bank.example", "plain", {"known_hosts": "ssh-ed25519 AAAAC3 me@here"}, "known-hosts-wrong"),
            (SSH, "git.bank.example", "plain", {"known_hosts": "x\n" * 20_000}, "known-hosts-wrong"),
        ],
    )
    def test_what_cannot_work_is_refused(self, house, keys, scheme, host, secret, fields, code):
        error = refusal(lambda: put(house, house.bank, scheme, host, keys.get(secret, secret), **fields))
        assert error.code == code
        assert error.hint is not None
        assert not secret.strip() or secret not in f"{error.message} {error.hint}"
        assert not house.events("repositoryCredential")

    def test_a_password_in_the_address_is_refused(self, house):
        error = refusal(lambda: bind(house, house.core, f"https://me:{TOKEN}@git.bank.example/x.git"))
        assert error.code == "repository-address-password"
        assert TOKEN not in f"{error.message} {error.hint}"

    def test_new_keys_seal_them_anew(self, house, tmp_path, keys):
        put(house, house.bank, HTTPS, "git.bank.example", TOKEN)
        put(house, None, SSH, "git.bank.example", keys["plain"], known_hosts="git.bank.example ssh-rsa AAAA")
        path = tmp_path / "data" / KEYS
        add_key(path)
        vault = KeyVault(path)
        assert look_at_sealed(house.tools.units.store, vault).older == 2
        after = reencrypt(house.tools.units.store, vault, house.moment)
        assert (after.current, after.older, after.closed) == (2, 0, [])
        drop_old_keys(path)
        alone = KeyVault(path)
        assert login(house, "https://git.bank.example/x.git", alone).secret == TOKEN
        assert login(house, "ssh://git.bank.example/x.git", alone).secret == keys["plain"]


CONFIGURATION = "include: [{project: bank/pay/shared, file: jobs.yml}]\nown: {script: [make]}\n"


class TestWhatUsesIt:
    """Every way in which a pipeline comes about, with repositories that let nobody in without a token."""

    @pytest.fixture
    def forge(self, house, tmp_path):
        """Two private repositories, of which one includes a file of the other."""
        served = tmp_path / "served"
        served.mkdir()
        house.home = make_repository(served / "core", {".gitlab-ci.yml": CONFIGURATION})
        make_repository(served / "shared", {"jobs.yml": "shared: {script: [make]}\n"})
        shared = house.node("shared", NodeKind.PROJECT, house.pay)
        with house.change() as tx:  # a push is nobody's, so the project has to let it in
            tx.tree.save(msgspec.structs.replace(shared, settings={"ci.accessible_from": ["bank/pay"]}))
            tx.tree.save(msgspec.structs.replace(tx.tree.get(house.pay.id), settings={"repository.hosts": [*HERE]}))
        server = HttpGit(served, "deploy", TOKEN)
        bind(house, house.core, f"{server.url}/core/.git", poll=60)
        bind(house, shared, f"{server.url}/shared/.git")
        yield server
        server.close()

    def jobs(self, house, pipeline):
        with house.view() as tx:
            return {job.name for job in tx.jobs.of(pipeline.id)}

    def push(self, house):
        sha = commit(house.home, {"x": str(house.now)})
        house.later(1)
        webhook = Webhook(forge="git", delivery=sha, kind=WebhookKind.PUSH, ref="main", after=sha)
        with house.view() as tx:
            binding = tx.bindings.get(house.core.id)
        receive_change(house.server.server, binding, webhook)
        return self.carried_out(house)

    def next_look(self, house):
        with house.view() as tx:
            return next(look for look in tx.bindings.looks() if look.project == house.core.id)

    def carried_out(self, house):
        """What came of the newest delivery: its pipeline, or why there is none."""
        errors = []
        carry_out_due(house.server.server, "test/1", errors.append)
        if errors:
            raise errors[0]
        with house.view() as tx:
            return tx.pipelines.get(tx.deliveries.newest(house.core.id, 1)[0].pipeline)

    def test_a_pipeline_by_hand_and_what_it_includes(self, house, forge):
        put(house, house.pay, HTTP, forge.host, TOKEN, username="deploy")
        made = start_pipeline(house.server.server, Wanted(project=house.core.id), by=0)
        assert self.jobs(house, made) == {"own", "shared"}
        assert {path.split("/")[1] for path, header in forge.seen if header} == {"core", "shared"}
        assert forge.shown == {forge.wanted}

    def test_a_webhook(self, house, forge):
        put(house, house.bank, HTTP, forge.host, TOKEN, username="deploy")
        assert self.jobs(house, self.push(house)) == {"own", "shared"}

    def test_a_look_at_a_remote_that_cannot_call(self, house, forge):
        put(house, house.core, HTTP, forge.host, TOKEN, username="deploy")
        put(house, house.bank, HTTP, forge.host, TOKEN, username="deploy")
        server = house.server.server
        assert look_at(server, self.next_look(house)) == []  # the first look only remembers
        commit(house.home, {"y": "1"})
        assert len(look_at(server, self.next_look(house))) == 1
        assert self.jobs(house, self.carried_out(house)) == {"own", "shared"}

    def test_without_it_nothing_is_made_and_the_refusal_is_recorded(self, house, forge):
        assert refusal(lambda: self.push(house)).code == "repository-refused"
        assert refusal(lambda: start_pipeline(house.server.server, Wanted(project=house.core.id), by=0)).code == (
            "repository-refused"
        )
        with house.view() as tx:
            [kept] = tx.deliveries.newest(house.core.id, 5)
        assert (kept.outcome, kept.reason, kept.tries) == (Outcome.QUEUED, "repository-refused", 1)
        put(house, house.bank, HTTP, forge.host, "another token", username="deploy")
        error = refusal(lambda: start_pipeline(house.server.server, Wanted(project=house.core.id), by=0))
        assert "set at bank was not accepted" in f"{error.hint}"
        assert b"another token" not in house.ledger_bytes()


class TestHosts:
    ALLOWED = ("https://git.bank.example/pay/core.git", "git@git.bank.example:pay/core.git",
               "https://mirror.bank.example:8443/x.git")  # fmt: skip
    OTHER = ("https://git.bank.example.evil.example/x.git", "http://169.254.169.254/latest/meta-data",
             "https://git.bank.example:8443/x.git", "git://git.bank.example/x.git", "ssh://git@other.example/x.git",
             "https://git.bank.example@evil.example/x.git")  # fmt: skip

    def allow(self, house, *hosts):
        with house.change() as tx:
            pay = tx.tree.get(house.pay.id)
            tx.tree.save(msgspec.structs.replace(pay, settings={"repository.hosts": list(hosts)}))

    def test_an_address_elsewhere_is_not_bound(self, house):
        self.allow(house, "GIT.bank.example", "mirror.bank.*:8443")
        for url in self.OTHER:
            assert refusal(lambda url=url: bind(house, house.core, url)).code == "repository-host-refused", url
        for url in self.ALLOWED:
            bind(house, house.core, url)

    @pytest.mark.parametrize("hosts", [(), ("*",), ("127.0.0.*", "[*]", "169.*", "local*")])
    def test_this_machine_and_what_is_beside_it_have_to_be_named(self, house, hosts):
        self.allow(house, *hosts)
        inner = ("http://127.0.0.1/x.git", "http://localhost:3000/x", "http://[::1]/x", "git@localhost:x.git",
                 "ssh://git@127.8.8.8/x", "git://0.0.0.0/x", "http://169.254.169.254/latest", "http://[fe80::1]/x",
                 "http://[::ffff:127.0.0.1]/x", "http://[fd00:ec2::254]/x", "http://224.0.0.1/x")  # fmt: skip
        for url in inner:
            assert refusal(lambda url=url: bind(house, house.core, url)).code == "repository-host-refused", url
        self.allow(house, "*", "127.0.0.1", "localhost:*", "[::1]", "0.0.0.0:9418")
        for url in ("http://127.0.0.1/x.git", "http://localhost:3000/x", "http://[::1]/x", "git://0.0.0.0/x",
                    "https://10.1.2.3/x.git", "https://[fd12::1]/x"):  # fmt: skip
            bind(house, house.core, url)

    def test_what_was_bound_before_is_not_read_any_more(self, house):
        assert login(house, "https://other.example/x.git") is None
        self.allow(house, "git.bank.example")
        refused = refusal(lambda: login(house, "https://other.example/x.git"))
        assert refused.code == "repository-host-refused"
        assert "git.bank.example" in str(refused.hint)
        assert login(house, "/srv/git/core.git") is None  # who may name a path is asked when it is set
