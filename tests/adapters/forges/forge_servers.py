"""Forges on this machine, as far as they are told: states of commits and comments. What they answer has the shapes that
their documentation shows, with fields that nobody here reads left in."""

from __future__ import annotations

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROJECT, COMMIT, CHANGE = "bank/posting", "c" * 40, "7"
TOKEN, OURS = "glpat-not-a-real-one", 41  # noqa: S105 - of a simulator, and the id of its user
MOST_DESCRIPTION = 140


class Asked(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class Answer(NamedTuple):
    status: int
    body: object = None
    headers: Mapping[str, str] = {}


class ForgeServer:
    """``kind``: gitlab, github, gitea. ``next_answers``: are given to what is asked next, in place of doing it;
    ``loses``: so many of the next writes are done, and their connection is closed before an answer."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.tokens = {TOKEN: OURS}
        self.commits = {COMMIT}
        self.statuses: list[dict[str, Any]] = []
        self.comments: dict[str, list[dict[str, Any]]] = {CHANGE: []}
        self.asked: list[Asked] = []
        self.next_answers: list[Answer | Callable[[Asked], Answer]] = []
        self.loses = 0
        self._newest = 100
        self._lock = Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.host = f"127.0.0.1:{self._http.server_address[1]}"
        self.url = f"http://{self.host}"
        Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def says(self, author: int, text: str, number: str = CHANGE) -> int:
        """Somebody writes a comment by hand."""
        self._newest += 1
        who = {"id": author, "login": f"u{author}", "username": f"u{author}"}
        self.comments[number].append({
            "id": self._newest, "body": text, "user": who, "author": who, "system": False,
            "created_at": "2026-11-02T09:00:00Z", "noteable_type": "MergeRequest",
        })  # fmt: skip
        return self._newest

    def texts(self, author: int = OURS, number: str = CHANGE) -> list[str]:
        return [one["body"] for one in self.comments[number] if one["user"]["id"] == author]

    def states(self, context: str) -> list[str]:
        return [one["state"] for one in self.statuses if one["context"] == context]

    def answer(self, asked: Asked) -> Answer | None:
        """None: no answer, the connection is closed."""
        with self._lock:
            self.asked.append(asked)
            if self.next_answers:
                given = self.next_answers.pop(0)
                return given if isinstance(given, Answer) else given(asked)
            answer = self._answer(asked)
            if self.loses and asked.method != "GET" and answer.status < 300:
                self.loses -= 1
                return None
            return answer

    def _answer(self, asked: Asked) -> Answer:
        who = self.tokens.get(self._token(asked.headers))
        if who is None:
            return Answer(401, {"message": "401 Unauthorized"})
        split = urlsplit(asked.path)
        path = split.path.removeprefix({"gitlab": "/api/v4", "github": "/api/v3", "gitea": "/api/v1"}[self.kind])
        if path == "/user":
            return Answer(200, {"id": who, "login": f"u{who}", "username": f"u{who}"})
        found = re.fullmatch(r"/projects/([^/]+)(/.*)" if self.kind == "gitlab" else r"/repos/([^/]+/[^/]+)(/.*)", path)
        if found is None or unquote(found[1]) != PROJECT:
            return Answer(404, {"message": "404 Project Not Found"})
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        return self._within(asked, found[2], query, who)

    def _within(self, asked: Asked, path: str, query: Mapping[str, str], who: int) -> Answer:
        if found := re.fullmatch(r"/statuses/([0-9a-f]+)", path):
            return self._status(found[1], asked.body)
        if found := re.fullmatch(r"/issues/comments/(\d+)", path):
            return self._edit(int(found[1]), asked.body, who)
        if found := re.fullmatch(r"/merge_requests/\d+/notes/(\d+)", path):
            return self._edit(int(found[1]), asked.body, who)
        found = re.fullmatch(r"/(?:issues|merge_requests)/(\d+)/(?:comments|notes)", path)
        if found is None or found[1] not in self.comments:
            return Answer(404, {"message": "404 Not Found"})
        if asked.method == "POST":
            made = self.says(who, asked.body["body"], found[1])
            return Answer(201, next(one for one in self.comments[found[1]] if one["id"] == made))
        return Answer(200, self._page(self.comments[found[1]], query))

    def _page(self, every: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
        if self.kind == "gitea":  # it gives all at once, whatever is asked
            return every
        size, page = min(int(query.get("per_page", "20")), 100), int(query.get("page", "1"))
        return every[(page - 1) * size : page * size]

    def _status(self, commit: str, body: dict[str, Any]) -> Answer:
        if commit not in self.commits:
            return Answer(404, {"message": "404 Commit Not Found"})
        context = body["name"] if self.kind == "gitlab" else body["context"]
        words = ("pending", "running", "success", "failed", "canceled") if self.kind == "gitlab" else (
            "pending", "success", "error", "failure")  # fmt: skip
        if body["state"] not in words or len(body["description"]) > MOST_DESCRIPTION:
            return Answer(422, {"message": "Validation Failed"})
        newest = self.statuses[-1] if self.statuses else None
        if self.kind == "gitlab" and newest and (newest["context"], newest["state"], body["state"]) == (
            context, "pending", "pending",
        ):  # fmt: skip
            return Answer(400, {"message": "Cannot transition status via :enqueue from :pending (Reason(s): Status "})
        made = {**body, "context": context, "sha": commit, "id": len(self.statuses) + 1}
        self.statuses.append(made)
        return Answer(201, made)

    def _edit(self, number: int, body: dict[str, Any], who: int) -> Answer:
        for one in (one for every in self.comments.values() for one in every):
            if one["id"] == number:
                if one["user"]["id"] != who:
                    return Answer(403, {"message": "403 Forbidden"})
                one["body"] = body["body"]
                return Answer(200, one)
        return Answer(404, {"message": "404 Not found"})

    def _token(self, headers: Mapping[str, str]) -> str:
        if self.kind == "gitlab":
            return headers.get("private-token", "")
        word = "Bearer " if self.kind == "github" else "token "
        given = headers.get("authorization", "")
        return given[len(word) :] if given.startswith(word) else ""


def _handler(server: ForgeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = json.loads(self.rfile.read(length) or b"null")
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = server.answer(Asked(self.command, self.path, headers, body))
            if answer is None:
                self.close_connection = True
                return
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_PUT = do_PATCH = do_GET  # noqa: N815

    return Handler
