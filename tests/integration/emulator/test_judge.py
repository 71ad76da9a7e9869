"""The proxy of `tools.judge_emulator` notices what breaks the document, and forwards everything unchanged."""

import httpx

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import load_specification
from tests.support.loopback import NO_TLS, Received, Sent, sent_json, serving
from tools.judge_emulator import JudgingProxy, violations_of_prism

TAX = "/public-api/resources/taxes/v2.0/1"


def _answer(received: Received) -> Sent:
    return sent_json({"data": {"id": "one"}}) if received.path == TAX else sent_json({"time": "noon"}, 418)


def test_a_response_that_breaks_the_document_is_counted() -> None:
    with serving(_answer) as upstream, httpx.Client(base_url=upstream, verify=NO_TLS) as client:
        proxy = JudgingProxy(client, ApiContract(load_specification("3.110.0")))
        with serving(proxy) as front:
            assert httpx.get(f"{front}{TAX}", verify=NO_TLS).json() == {"data": {"id": "one"}}
            assert httpx.get(f"{front}/_emulator/clock", verify=NO_TLS).status_code == 418
    assert proxy.responses == 1
    assert any(message.startswith(f"GET {TAX.removesuffix('1')}{{tax}}: ") for message in proxy.violations)


def test_of_prism_what_is_true_counts() -> None:
    found = {
        "Request body must be string": ["request", "body"],
        "Response body property name must be string": ["response", "body", "name"],
        'Response body property from must match format "time"': ["response", "body", "from"],
        "Response body property balance must be multiple of 0.001": ["response", "body", "balance"],
        "Response body property data must match exactly one schema in oneOf": ["response", "body", "data"],
        "Response body property data must have required property 'phone'": ["response", "body", "data"],
    }
    items = [{"message": message, "location": location} for message, location in found.items()]
    assert list(violations_of_prism(items)) == ["Response body property name must be string at response.body.name"]
