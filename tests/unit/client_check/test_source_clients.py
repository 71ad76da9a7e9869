"""Source code of clients in several languages: every fault is found at its line, and nothing of correct code."""

import re
from datetime import date
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.client_check.judge import ClientJudge
from ampeco_conformance.client_check.source.folder import calls_in_source
from ampeco_conformance.compatibility.traffic import read_usage
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.specs import load_specification

MARKED = re.compile(r"(?:#|//|--|') (?P<mark>[!?])(?P<kinds>[\w, -]+)")
"""At the end of a faulty line: the kinds of its faults, certain (!) or guessed (?)."""

WITHOUT_COMMENTS = (".json", ".yaml", ".jmx", ".bru", ".feature")
CLIENTS = sorted((Path(__file__).parents[2] / "data" / "clients").iterdir())


@pytest.fixture(scope="module")
def judge() -> ClientJudge:
    return ClientJudge(contract_of(load_specification("3.110.0")), date(2026, 11, 1))


def marked(text: str) -> set[tuple[int, str, bool]]:
    """Line, kind and certainty of the faults that the marks of a source name."""
    return {
        (number, kind, found["mark"] == "!")
        for number, line in enumerate(text.splitlines(), 1)
        if (found := MARKED.search(line))
        for kind in found["kinds"].strip().split(", ")
    }


@pytest.mark.parametrize("file", CLIENTS, ids=lambda file: file.name)
def test_faults_are_found_at_their_lines(tmp_path: Path, judge: ClientJudge, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    source = re.sub(r" // !.*", "", text) if file.suffix in WITHOUT_COMMENTS else text
    (tmp_path / file.name).write_text(source, "utf-8")
    faults = judge.faults(calls_in_source(tmp_path, judge.routes))
    found = {(place.line, fault.kind, fault.is_certain) for fault in faults for place in fault.places}
    assert found == marked(text)


def test_forty_faults_are_seeded() -> None:
    assert sum(len(marked(file.read_text(encoding="utf-8"))) for file in CLIENTS) >= 40


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("users.fs", 'let users () = client.GetStringAsync "{}"'),
        ("users.mts", 'export const users = () => fetch("{}");'),
        ("Users.svelte", '<script>\nfetch("{}");\n</script>\n<p>users</p>'),
    ],
)
def test_suffixes_without_a_lexer_of_their_own_are_read(
    tmp_path: Path, judge: ClientJudge, file: str, text: str
) -> None:
    (tmp_path / file).write_text(text.format("/public-api/resources/users/v1.0?limit=5"), "utf-8")
    assert [fault.kind for fault in judge.faults(calls_in_source(tmp_path, judge.routes))] == ["unknown-parameter"]


def test_constants_of_other_files_are_known(tmp_path: Path, judge: ClientJudge) -> None:
    (tmp_path / "paths.ts").write_text('export const LIST = "/resources/sessions/v1.0";\n', "utf-8")
    (tmp_path / "api.ts").write_text("api.get(LIST, { params: { limit: 1 } });\napi.put(LIST);\n", "utf-8")
    faults = judge.faults(calls_in_source(tmp_path, judge.routes))
    assert [(fault.kind, str(*fault.places)) for fault in faults] == [
        ("unknown-parameter", f"{tmp_path}/api.ts:1"),
        ("unknown-method", f"{tmp_path}/api.ts:2"),
    ]


def test_the_scenarios_are_a_correct_client(judge: ClientJudge) -> None:
    scenarios = Path(__file__).parents[3] / "scenarios" / "vocabulary"
    assert [fault for fault in judge.faults(calls_in_source(scenarios, judge.routes)) if fault.breaks] == []


def test_names_do_not_leak_out_of_their_functions(tmp_path: Path, judge: ClientJudge) -> None:
    (tmp_path / "api.py").write_text(
        "def users(api):\n"
        '    path = "/resources/users/v1.0"\n'
        '    user = api.post("/resources/users/v1.0", None)["id"]\n'
        '    return api.get(path), api.get(f"/resources/users/v1.0/{user}")\n'
        "def put(api, path):\n"
        "    return api.put(path, json={})\n",
        "utf-8",
    )
    assert judge.faults(calls_in_source(tmp_path, judge.routes)) == []


NOTHING = "/public-api/resources/nothing/v1.0"


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("Users.java", '@GetMapping("{}")'),
        ("Users.java", '@RequestMapping(path = {{"{}"}}, method = RequestMethod.GET)'),
        ("Users.kt", '@PostMapping(value = ["{}"])'),
        ("Users.java", '@Path("{}")'),
        ("Users.kt", 'fun routes() {{ get("{}") {{ call.respond(1) }} }}'),
        ("Users.cs", '[HttpGet("{}")]'),
        ("Users.cs", '[Route("{}")]'),
        ("Users.cs", 'endpoints.MapGet("{}", Show);'),
        ("users.ts", "@Get('{}') find() {{}}"),
        ("users.js", "apiRouter.get('{}', show);"),
        ("users.py", '@api_router.get("{}")\ndef show(): ...'),
        ("users.py", 'urls = [path("{}", show)]'),
        ("users.php", "<?php\nRoute::get('{}', 'show');"),
        ("users.php", "<?php\nclass Users {{\n #[Route('{}', methods: ['GET'])]\n function show() {{}}\n}}"),
        ("users.go", 'package main\nfunc main() {{\n mux.HandleFunc("{}", show)\n}}'),
        ("users.go", 'package main\nfunc main() {{\n r.GET("{}", show)\n}}'),
        ("users.rb", "get '{}' do\n  show\nend"),
        ("users.rb", "get '{}', to: 'users#show'"),
    ],
)
def test_what_a_server_serves_is_no_request(tmp_path: Path, judge: ClientJudge, file: str, line: str) -> None:
    (tmp_path / file).write_text(line.format(NOTHING), "utf-8")
    assert judge.calls_of_api(calls_in_source(tmp_path, judge.routes)) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("Users.java", '@FeignClient(name = "users")\ninterface Users {{\n @GetMapping("{}")\n User show();\n}}'),
        ("Users.java", 'interface Users {{ @GET("{}") Call<User> show(); }}'),
        ("Users.java", 'class Users {{ Object show() {{ return http.execute(new HttpGet("{}")); }} }}'),
        ("Users.cs", 'interface IUsers {{ [Get("{}")] Task<User> Show(); }}'),
        ("users.py", 'def show(client):\n    return client.get(path("{}"))'),
        ("users.go", 'package main\nfunc main() {{\n http.Get("{}")\n}}'),
        ("users.rb", "client.get '{}'"),
        ("users.kt", 'suspend fun show() {{ client.get("{}") {{ header("a", "b") }} }}'),
    ],
)
def test_what_a_declared_client_requests_is_judged(tmp_path: Path, judge: ClientJudge, file: str, line: str) -> None:
    (tmp_path / file).write_text(line.format(NOTHING), "utf-8")
    (fault,) = judge.faults(calls_in_source(tmp_path, judge.routes))
    assert (fault.kind, fault.operation) == ("unknown-operation", f"GET {NOTHING}")


def test_an_api_without_a_prefix_is_known_by_its_host(tmp_path: Path) -> None:
    spirii = ClientJudge(contract_of(load_specification("v1", "spirii")))
    (tmp_path / "api.py").write_text(
        'BASE = "https://api.spirii.com"\n'
        'requests.get(f"{BASE}/v1/charge-records/{number}", params={"format": "finance"})\n'
        'requests.get(f"{BASE}/v1/charge-record/{number}")\n'
        'requests.get(f"{BASE}/v2/charge-records/{number}")\n'
        'requests.get("https://other.test/v1/charge-recs")\n',
        "utf-8",
    )
    faults = spirii.faults(calls_in_source(tmp_path, spirii.routes))
    assert [(fault.kind, fault.places[0].line) for fault in faults] == [
        ("unknown-operation", 3),
        ("unknown-version", 4),
    ]


def test_the_code_of_others_is_left_out(tmp_path: Path, judge: ClientJudge) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.js").write_text('fetch("/public-api/resources/userz/v1.0")', "utf-8")
    (tmp_path / "notes.md").write_text("`GET /public-api/resources/userz/v1.0`", "utf-8")
    assert calls_in_source(tmp_path, judge.routes).calls == ()


def test_the_calls_in_source_code_are_a_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "api.ts"
    source.write_text(
        'api.get("/resources/sessions/v1.0", { params: { per_page: 1 } });\n'
        "api.get(`/resources/users/v1.0/${id}`, { params: { ...given } });\n"
        'api.post("/resources/taxes/v2.0", { name: "VAT", percentage: rate });\n',
        "utf-8",
    )
    arguments = ["client-check", "--source", str(source), "--format", "json", "--api-version", "3.110.0"]
    assert main([*arguments, "-o", str(tmp_path / "client.json")]) == ExitCode.CONFORM
    usage = read_usage(tmp_path / "client.json")
    sessions, users, taxes = (
        usage.of(label)
        for label in (
            "GET /public-api/resources/sessions/v1.0",
            "GET /public-api/resources/users/v1.0/{user}",
            "POST /public-api/resources/taxes/v2.0",
        )
    )
    assert sessions is not None
    assert sessions.parameters == {"per_page"}
    assert users is not None
    assert users.computed_queries == 1
    assert taxes is not None
    assert taxes.sent == {"name", "percentage"}
    assert usage.of("GET /public-api/resources/taxes/v2.0") is None
    main(["breaking", "3.96.4", "3.110.0", "--usage", str(tmp_path / "client.json")])
    assert "0 of 8 changes concern you" in capsys.readouterr().out
