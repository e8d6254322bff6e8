"""The service as a WSGI application: ``/health``, ``/limits`` and ``/quote?amount=..&months=..&interest=..``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from quotes.rates import monthly_rate

LIMITS = {"amount": "100000.00", "months": "480"}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    status, body = answer(environ)
    data = json.dumps(body).encode()
    fields = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
    start_response(f"{status.value} {status.phrase}", fields)
    return [data]


def answer(environ: dict[str, Any]) -> tuple[HTTPStatus, dict[str, str]]:
    if environ["REQUEST_METHOD"] != "GET":
        return HTTPStatus.METHOD_NOT_ALLOWED, {"error": "only GET is known"}
    if environ["PATH_INFO"] == "/health":
        return HTTPStatus.OK, {"status": "up"}
    if environ["PATH_INFO"] == "/limits":
        return HTTPStatus.OK, LIMITS
    if environ["PATH_INFO"] != "/quote":
        return HTTPStatus.NOT_FOUND, {"error": "no such page"}
    if environ.get("HTTP_X_TOKEN") != os.environ.get("SERVICE_TOKEN"):
        return HTTPStatus.UNAUTHORIZED, {"error": "a token is needed"}
    asked = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    try:
        amount, months, interest = Decimal(asked["amount"]), int(asked["months"]), Decimal(asked["interest"])
        rate = monthly_rate(amount, months, interest, os.environ.get("ROUNDING", "half-even"))
    except (KeyError, ValueError, InvalidOperation) as error:
        return HTTPStatus.BAD_REQUEST, {"error": str(error)}
    return HTTPStatus.OK, {"rate": str(rate)}
