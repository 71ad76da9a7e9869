"""The requests in access logs as servers, proxies and cloud load balancers write them."""

import gzip
import json
from pathlib import Path

import pytest

from ampeco_conformance.compatibility.traffic import read_usage
from ampeco_conformance.core.errors import ConfigurationError

PATH = "/public-api/resources/bookings/v1.0"
COMMON = f'10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "GET {PATH}?page=1 HTTP/1.1" 200 512 "-" "python-httpx/0.27"'
FORMATS = {
    "common": COMMON,
    "AWS ALB": f'h2 2026-11-20T10:00:00Z app/lb/50 10.0.0.1 - 200 57 "GET https://t.test:443{PATH}?page=1 HTTP/2.0"',
    "Envoy": f'[2026-11-20T10:00:00.000Z] "GET {PATH}?page=1 HTTP/2" 200 - via_upstream - "-" 0 10',
    "Traefik": f'{COMMON} 12 "router@docker" "http://10.0.0.9:80" 3ms',
    "Traefik JSON": json.dumps({"RequestMethod": "GET", "RequestPath": f"{PATH}?page=1", "DownstreamStatus": 200}),
    "nginx JSON": json.dumps({"time": "x", "request": f"GET {PATH}?page=1 HTTP/1.1", "status": "200"}),
    "nginx JSON, parts": json.dumps({"request_method": "GET", "uri": PATH, "args": "page=1"}),
    "Caddy": json.dumps({"level": "info", "request": {"method": "GET", "uri": f"{PATH}?page=1"}, "status": 200}),
    "Google": json.dumps({"httpRequest": {"requestMethod": "GET", "requestUrl": f"https://t{PATH}?page=1"}}),
    "AWS API Gateway": json.dumps({"httpMethod": "GET", "path": PATH, "queryStringParameters": {"page": "1"}}),
    "AWS HTTP API": json.dumps(
        {"requestContext": {"http": {"method": "GET", "path": PATH}}, "rawQueryString": "page=1"}
    ),
    "Docker": json.dumps({"log": COMMON, "stream": "stdout"}),
    "Docker, nested": json.dumps({"message": json.dumps({"request": f"GET {PATH}?page=1 HTTP/1.1"})}),
    "IIS": "#Software: Microsoft Internet Information Services\n#Fields: date time cs-method cs-uri-stem "
    f"cs-uri-query sc-status\n2026-11-20 10:00:00 GET {PATH} page=1 200",
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
