"""Asks the server by HTTP, as any program would."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from plumbline.kernel import PlumblineError, t

TIMEOUT = 30.0  # seconds for one answer


class Answer:
    """What came back."""

    def __init__(self, status: int, cookie: str, body: bytes) -> None:
        self.status = status
        self.cookie = cookie
        self.body = body

    @property
    def value(self) -> Any:
        return json.loads(self.body or b"null")


class Client:
    """One person's session with the server; ``name`` empty: nobody's."""

    def __init__(self, url: str, name: str = "") -> None:
        self.url = url
        self.name = name
        self._headers: dict[str, str] = {}

    def enter(self, path: str, body: dict[str, str]) -> None:
        """Sign in, with what the door asks for: a password, a set-up link or an invitation."""
        answer = self.send("POST", path, body)
        self._expect(answer, "POST", path)
        self.name = body["name"]
        self._headers = {"Cookie": answer.cookie.partition(";")[0], "X-CSRF-Token": answer.value["csrf"]}

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer to a request that the server has to grant. Raises PlumblineError ``demo-refused``."""
        answer = self.send(method, path, body)
        self._expect(answer, method, path)
        return answer.value

    def log(self, job: int) -> str:
        """What a job printed; empty where it printed nothing."""
        answer = self.send("GET", f"/api/v1/jobs/{job}/log")
        return answer.body.decode("utf-8", "replace") if answer.status in (200, 206) else ""

    def send(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """The answer, whatever its status. Raises PlumblineError ``demo-no-answer``."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        more = {"Content-Type": "application/json"} if data is not None else {}
        request = urllib.request.Request(  # noqa: S310 - the address is that of the server we started
            self.url + path, data, {**self._headers, **more, **(headers or {})}, method=method
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                return Answer(answer.status, answer.headers.get("Set-Cookie", ""), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, "", error.read())
        except OSError as error:
            raise PlumblineError(
                "demo-no-answer", t("The server at {url} does not answer: {reason}", url=self.url, reason=error)
            ) from error

    def _expect(self, answer: Answer, method: str, path: str) -> None:
        if answer.status >= 400:
            said = answer.body[:2000].decode("utf-8", "replace")
            raise PlumblineError(
                "demo-refused",
                t("The server answered {method} {path} with status {status}: {said}", method=method, path=path,
                  status=answer.status, said=said),
            )  # fmt: skip
