"""Health, figures and the document."""

from __future__ import annotations

import json

import msgspec

from plumbline.api import all_routes


def test_alive_and_ready(api):
    assert api.ask("GET", "/healthz").text == "ok\n"
    answer = api.ask("GET", "/readyz")
    assert answer.status_code == 200, answer.text
    assert answer.json()["ready"] is True


def test_not_ready_without_its_tables(api):
    with api.tools.units.store.change() as tx:
        tx.connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    answer = api.ask("GET", "/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False


def test_figures_have_bounded_labels(api, admin):
    for number in range(3):
        api.get(f"/nodes/{number + 1}", token=admin)
        api.ask("GET", f"/nothing/{number}")
    text = api.ask("GET", "/metrics", token=admin).text
    assert 'plumbline_http_requests_total{method="GET",operation="get_node",status="4xx"} 3.0' in text
    assert 'operation="other"' in text
    assert "/nothing" not in text
    assert "plumbline_store_up 1.0" in text
    assert "plumbline_ledger_entries 0.0" in text


def test_no_figures_while_nobody_can_tell_who_may_read_them(api, admin):
    with api.tools.units.store.change() as tx:
        tx.connection.exec_driver_sql("alter table api_token rename to elsewhere")
    answer = api.ask("GET", "/metrics", token=admin)
    assert (answer.status_code, answer.json()["type"]) == (503, "store-damaged")


def test_the_document_names_every_route_and_status(api):
    document = json.loads(api.ask("GET", "/api/openapi.json").content)
    assert document["openapi"] == "3.1.0"
    found = {(method, path) for path, own in document["paths"].items() for method in own}
    assert len(found) == len(all_routes())
    names = [own["operationId"] for each in document["paths"].values() for own in each.values()]
    assert len(set(names)) == len(names)
    for each in document["paths"].values():
        for own in each.values():
            assert own["summary"]
            assert "503" in own["responses"]


def test_every_request_is_one_line_in_the_log(api, admin, capsys):
    import logging

    from plumbline.http.logs import JsonLines

    records = []

    class Keep(logging.Handler):
        def emit(self, record):
            records.append(msgspec.json.decode(JsonLines().format(record)))

    log = logging.getLogger("plumbline.request")
    handler = Keep()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        api.get("/nodes?secret=1", token=admin, headers={"X-Request-Id": "trace-0001"})
    finally:
        log.removeHandler(handler)
    [line] = records
    assert line["request"] == "trace-0001"
    assert (line["operation"], line["status"], line["person"]) == ("list_nodes", 200, 1) or line["status"] == 400
    assert "secret" not in json.dumps(line)
    assert admin not in json.dumps(line)
