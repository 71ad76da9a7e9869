"""The steps of a failed scenario, as a run leaves them in its Allure results."""

from pathlib import Path

import orjson

from ampeco_conformance.core.item_results import ItemResult


def write_steps(result: ItemResult, reports: Path) -> None:
    """Write a step that passed and one that failed, both with an exchange; the second has a table."""
    results = reports / "allure-results"
    results.mkdir()
    (results / "bill.csv").write_text("line,sum\nenergy,20\n")
    message = {"headers": [{"name": "accept", "value": "*/*"}]}
    body = {"contentType": "", "encoding": "utf8", "value": '{"data": {"totalAmount": 20.01}}'}
    response = {"status": 200, "statusText": "OK", **message, "body": body}
    exchange = {"request": {"method": "GET", "url": "http://x/sessions/1", **message}, "response": response}
    (results / "one.http").write_bytes(orjson.dumps(exchange))
    shown = {"name": "GET /sessions/1: 200", "source": "one.http", "type": "application/vnd.allure.http+json"}
    table = {"name": "The bill", "source": "bill.csv", "type": "text/csv"}
    steps = [
        {"name": "A driver signs up", "status": "passed", "attachments": [shown]},
        {"name": "The session costs 20", "status": "failed", "attachments": [shown, table]},
    ]
    content = {"uuid": "1", "fullName": result.node_id, "status": "failed", "name": result.story, "steps": steps}
    (results / "1-result.json").write_bytes(orjson.dumps(content))
