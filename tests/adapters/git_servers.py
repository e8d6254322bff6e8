"""Git servers on this machine: HTTP with Basic authentication in front of git's own http-backend, and a real sshd."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = ("*", "127.0.0.1:*", "localhost:*")  # what the setting repository.hosts has to say for these servers


class HttpGit:
    """Serves the repositories below a folder to who knows a name and a password. ``seen`` are the paths that were
    asked for, each with its Authorization header."""

    def __init__(self, root: Path, username: str = "", password: str = "") -> None:
        self.root = root
        self.wanted = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode() if password else ""
        self.seen: list[tuple[str, str]] = []
        self.redirect: Callable[[str], str] = lambda _: ""  # path -> address
        self.redirect_first = False  # before it asks who is there
        self.refusal = b"who are you?"
        self.meanwhile: Callable[[], object] = lambda: None
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None: ...

            def do_GET(self) -> None:
                server.answer(self)

            do_POST = do_GET  # noqa: N815

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.host = f"127.0.0.1:{self._http.server_address[1]}"
        self.url = f"http://{self.host}"
        Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def shown(self) -> set[str]:
        """What was shown to it."""
        return {header for _, header in self.seen if header}

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        given = request.headers.get("Authorization", "")
        self.seen.append((request.path, given))
        self.meanwhile()
        elsewhere = self.redirect(request.path)
        if elsewhere and (self.redirect_first or given == self.wanted):
            self._send(request, 301, b"", Location=elsewhere)
        elif self.wanted and given != self.wanted:
            self._send(
                request, 401, self.refusal, **{"WWW-Authenticate": 'Basic realm="git"', "Content-Type": "text/plain"}
            )
        else:
            self._serve(request)

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        path, _, query = request.path.partition("?")
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": request.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", "http-backend"],
            input=body,
            env=environment,
            capture_output=True,
            check=True,
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(fields.pop("Status", "200").split()[0])
        self._send(request, status, content, **fields)

    def _send(self, request: BaseHTTPRequestHandler, status: int, content: bytes, **fields: str) -> None:
        request.send_response(status)
        for name, value in fields.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class SshGit:
    """A real sshd that lets one key in, as the user who runs it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self.key, self.public = _new_key(folder / "key")
        _, host = _new_key(folder / "host")
        (folder / "authorized").write_text(self.public)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.known_hosts = f"[127.0.0.1]:{self.port} {' '.join(host.split()[:2])}\n"
        settings = {
            "ListenAddress": "127.0.0.1",
            "Port": self.port,
            "HostKey": folder / "host",
            "AuthorizedKeysFile": folder / "authorized",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "yes",
        }
        (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        self._log = folder / "log"
        with self._log.open("wb") as log:
            sshd = [str(_sshd()), "-D", "-e", "-f", str(folder / "config")]
            self._process = subprocess.Popen(sshd, stderr=log, stdin=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        self.close()
        raise RuntimeError(f"sshd does not start: {self._log.read_text()}")

    def url(self, repository: Path, user: str = "") -> str:
        return f"ssh://{user or _me()}@{self.host}{repository}"

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)


def sshd_is_missing() -> str:
    """Why there is none on this machine; empty where there is one."""
    if not shutil.which("ssh") or not shutil.which("ssh-keygen"):
        return "no OpenSSH client on this machine"
    if _sshd() is None:
        return "no sshd on this machine: install openssh-server"
    if os.geteuid() == 0:  # the empty folder that sshd then wants for its separated part
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    return ""


def _sshd() -> Path | None:
    found = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def _me() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


def _new_key(path: Path) -> tuple[str, str]:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
    return path.read_text(), path.with_suffix(".pub").read_text()
