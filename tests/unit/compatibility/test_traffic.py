"""The requests in access logs as servers, proxies and cloud load balancers write them."""

import gzip
import json
from pathlib import Path

import pytest

from ampeco_conformance.compatibility.traffic import read_usage
from ampeco_conformance.core.errors import ConfigurationError

PATH = "/public-api/resources/bookings/v1.0"
URL = f"{PATH}?page=1"
PARTS = {"method": "GET", "uri": URL}
CADDY = {"level": "info", "request": PARTS, "status": 200}
ECS = {"log": {"level": "info"}, "http": {"request": {"method": "GET"}}, "url": {"path": PATH, "query": "page=1"}}
COMMON = f'10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "GET {PATH}?page=1 HTTP/1.1" 200 512 "-" "python-httpx/0.27"'
SPAN = [
    {"key": "http.request.method", "value": {"stringValue": "GET"}},
    {"key": "url.full", "value": {"stringValue": f"https://t{URL}"}},
]
FORMATS = {
    "common": COMMON,
    "common, two slashes": COMMON.replace(PATH, f"/{PATH}"),
    "AWS ALB": f'h2 2026-11-20T10:00:00Z app/lb/50 10.0.0.1 - 200 57 "GET https://t.test:443{PATH}?page=1 HTTP/2.0"',
    "Envoy": f'[2026-11-20T10:00:00.000Z] "GET {PATH}?page=1 HTTP/2" 200 - via_upstream - "-" 0 10',
    "Traefik": f'{COMMON} 12 "router@docker" "http://10.0.0.9:80" 3ms',
    "Traefik JSON": json.dumps({"RequestMethod": "GET", "RequestPath": f"{PATH}?page=1", "DownstreamStatus": 200}),
    "nginx JSON": json.dumps({"time": "x", "request": f"GET {PATH}?page=1 HTTP/1.1", "status": "200"}),
    "nginx JSON, parts": json.dumps({"request_method": "GET", "uri": PATH, "args": "page=1"}),
    "Caddy": json.dumps(CADDY),
    "Caddy, console": f"2026/11/20 10:00:00.000\tINFO\thttp.log.access\thandled request\t{json.dumps(CADDY)}",
    "Kubernetes": f"2026-11-20T10:00:00Z stdout F {json.dumps(CADDY)}",
    "Docker Compose": f"web-1  | {json.dumps(PARTS)}",
    "Docker, JSON in JSON": json.dumps({"log": json.dumps(CADDY) + "\n", "stream": "stdout"}),
    "a syslog": f"<190>Nov 20 10:00:00 web {{x}} nginx: {json.dumps(PARTS)}",
    "Elastic Common Schema": json.dumps(ECS),
    "Elasticsearch": json.dumps({"hits": {"hits": [{"_source": ECS}]}}, indent=1),
    "OpenTelemetry": json.dumps(
        {"attributes": {"http.request.method": "GET", "url.path": PATH, "url.query": "page=1"}}
    ),
    "Azure": json.dumps({"properties": {"httpMethod": "GET", "requestUri": PATH, "requestQuery": "page=1"}}),
    "Azure, web application": json.dumps(
        {"properties": {"CsMethod": "GET", "CsUriStem": PATH, "CsUriQuery": "page=1"}}
    ),
    "ASP.NET": json.dumps({"State": {"Method": "GET", "Path": PATH, "QueryString": "?page=1"}}),
    "ASP.NET, text": f"info: Hosting.Diagnostics[1] Request starting HTTP/1.1 GET http://t{URL} - -",
    "Azure, exported": json.dumps(
        {"records": [{"properties": {"httpMethod": "GET", "requestUri": f"https://t{URL}"}}]}
    ),
    "OpenTelemetry, exported": json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": SPAN}]}]}]}),
    "LTSV": f"time:2026-11-20T10:00:00Z\thost:10.0.0.1\tmethod:GET\turi:{URL}\tstatus:200",
    "Akamai": json.dumps({"reqMethod": "GET", "reqPath": PATH[1:], "queryStr": "page=1"}),
    "AWS, lists": json.dumps(
        {"httpMethod": "GET", "path": PATH, "multiValueQueryStringParameters": {"page": ["1", "2"]}}
    ),
    "AWS CloudWatch": json.dumps({"events": [{"timestamp": 1, "message": f'"GET {URL} HTTP/1.1" 200'}]}, indent=1),
    "Loki": json.dumps({"data": {"result": [{"values": [["1", f'"GET {URL} HTTP/1.1" 200']]}]}}, indent=1),
    "lograge": f"method=GET path={URL} format=json status=200",
    "Heroku": f'2026-11-20T10:00:00Z heroku[router]: at=info method=GET path="{URL}" host=t status=200',
    "Rails": f'Started GET "{URL}" for 127.0.0.1 at 2026-11-20',
    "Gin": f'[GIN] 2026/11/20 - 10:00:00 | 200 |  1.2ms |  127.0.0.1 | GET      "{URL}"',
    "Tomcat": f"10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] GET {URL} HTTP/1.1 200 -",
    "Squid": f"1286536309.586    921 10.0.0.1 TCP_MISS/200 507 GET http://t{URL} - DIRECT/10.0.0.9 application/json",
    "morgan, tiny": f"GET {URL} 200 12 - 3.1 ms",
    "colours": f'127.0.0.1 - - [20/Nov/2026 10:00:00] "\x1b[36mGET {URL} HTTP/1.1\x1b[0m" 304 -',
    "CSV": f'"@timestamp","httpMethod","url"\n"2026","GET","https://t{URL}"',
    "tabs": f"time\tmethod\turi\n2026\tGET\t{URL}",
    "objects over several lines": f"{json.dumps(PARTS, indent=1)}\n{json.dumps(CADDY, indent=1)}",
    "a separator of lines in a text": json.dumps({"agent": "a\u2028b", **PARTS}, ensure_ascii=False),
    "Google": json.dumps({"httpRequest": {"requestMethod": "GET", "requestUrl": f"https://t{PATH}?page=1"}}),
    "AWS API Gateway": json.dumps({"httpMethod": "GET", "path": PATH, "queryStringParameters": {"page": "1"}}),
    "AWS HTTP API": json.dumps(
        {"requestContext": {"http": {"method": "GET", "path": PATH}}, "rawQueryString": "page=1"}
    ),
    "Docker": json.dumps({"log": COMMON, "stream": "stdout"}),
    "Docker, nested": json.dumps({"message": json.dumps({"request": f"GET {PATH}?page=1 HTTP/1.1"})}),
    "IIS": "#Software: Microsoft Internet Information Services\n#Fields: date time cs-method cs-uri-stem "
    f"cs-uri-query sc-status\n2026-11-20 10:00:00 GET {PATH} page=1 200",
    "OpenTelemetry, a list": json.dumps(
        {
            "attributes": [
                {"key": "http.request.method", "value": {"stringValue": "GET"}},
                {"key": "url.full", "value": {"stringValue": f"https://t{URL}"}},
            ]
        }
    ),
    "Jaeger": json.dumps({"tags": [{"key": "http.method", "value": "GET"}, {"key": "http.url", "value": URL}]}),
    "AWS HTTP API, an event": json.dumps(
        {"rawPath": PATH, "rawQueryString": "page=1", "requestContext": {"http": {"method": "GET"}}}
    ),
    "Splunk": f'method=GET uri_path="{PATH}" uri_query="page=1" status=200',
    "axios": f"[api] request: get https://t{URL}",
    "Go, an error": f'Get "https://t{URL}": context deadline exceeded',
    "single quotes": f"sent GET 'https://t{URL}', waiting",
    "an array": json.dumps([{"httpRequest": {"requestMethod": "GET", "requestUrl": f"{PATH}?page=1"}}], indent=1),
}
NOISE = {
    "TLS": r'109.1.1.1 - - [20/Nov/2026:10:00:01 +0000] "\x16\x03\x01\x01D\x01" 400 166 "-" "-"',
    "time-out": '109.1.1.1 - - [20/Nov/2026:10:00:02 +0000] "-" 408 0 "-" "-"',
    "HTTP/2 preface": '109.1.1.1 - - [20/Nov/2026:10:00:02 +0000] "PRI * HTTP/2.0" 400 166 "-" "-"',
    "another method": '109.1.1.1 - - [20/Nov/2026:10:00:02 +0000] "PROPFIND / HTTP/1.1" 405 166 "-" "-"',
    "a proxy request": '109.1.1.1 - - [20/Nov/2026:10:00:02 +0000] "CONNECT mail.test:25 HTTP/1.1" 400 1',
    "a broken address": '109.1.1.1 - - [20/Nov/2026:10:00:02 +0000] "GET http://[x/ HTTP/1.1" 400 1',
    "a message": "2026-11-20 10:00:02 [notice] 1#1: signal process started",
    "JSON without a request": '{"level": "info", "message": "started"}',
    "JSON cut off": '{"level": "info", "request": {"meth',
    "JSON cut off in the address": '{"level": "info", "request": "GET /public-api/reso',
    "a line cut off": COMMON[: COMMON.index("bookings") + 3],
    # Which take hours where the time grows with the square of the length.
    "a long line": "A" * 1_000_000,
    "a long line of JSON that does not end": "}" + '{"' * 500_000,
}


def read(folder: Path, content: str | bytes) -> tuple[dict[tuple[str, str], set[str] | None], list[str]]:
    file = folder / "traffic.log"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    usage = read_usage(file)
    return {call: use.parameters for call, use in usage.calls.items()}, usage.skipped


@pytest.mark.parametrize("line", FORMATS.values(), ids=FORMATS.keys())
def test_formats(tmp_path: Path, line: str) -> None:
    calls, skipped = read(tmp_path, f"{line}\n")
    assert {(method, path.removeprefix("https://t")): names for (method, path), names in calls.items()} == {
        ("GET", PATH): {"page"}
    }
    assert skipped == []


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE.keys())
def test_noise_is_left_out_and_counted(tmp_path: Path, noise: str) -> None:
    calls, skipped = read(tmp_path, f"{COMMON}\n\n{noise}\n")
    assert list(calls) == [("GET", PATH)]
    assert skipped == ["line 3 is not a request of the API"]


def test_the_percent_signs_of_cloudfront_are_its_own(tmp_path: Path) -> None:
    columns = "#Fields: date x-edge-location cs-method cs-uri-stem cs-uri-query"
    calls, _ = read(tmp_path, f"{columns}\n2026-11-20\tFRA2\tGET\t{PATH}\tinclude%255B%255D=evse\n")
    assert calls == {("GET", PATH): {"include[]"}}


def test_words_of_a_log_are_no_fields_that_are_read(tmp_path: Path) -> None:
    (tmp_path / "traffic.log").write_text(f"GET {PATH} 200 5.1 ms - 12\nGET {PATH} HTTP/1.1\n")
    (use,) = read_usage(tmp_path / "traffic.log").calls.values()
    assert use.read is None


def test_other_encodings(tmp_path: Path) -> None:
    latin = COMMON.replace("python-httpx", "M\xfcller").encode("latin-1")
    for content in (latin, gzip.compress(latin), b"\xef\xbb\xbf" + latin, COMMON.encode("utf-16")):
        assert list(read(tmp_path, content)[0]) == [("GET", PATH)]


def test_a_log_without_any_request_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="contains no call: line 1 is not a request of the API; supported"):
        read(tmp_path, NOISE["TLS"])


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="it is compressed, and damaged or cut off"):
        read(tmp_path, gzip.compress(COMMON.encode())[:-12])


def test_a_list_with_a_line_that_is_no_operation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="line 2 is not a request of the API; write METHOD /path"):
        read(tmp_path, f"GET {PATH}\nGTE {PATH}\n")
