"""A finished run of many items: every one of its operations shows every one of its causes."""

from dataclasses import replace

from ampeco_conformance.replay.cases import SentRequest, StoredCase
from tests.support.finished_runs import WITHOUT_ID, Nights, passed

OPERATIONS = [f"{'POST' if number % 2 else 'GET'} /public-api/resources/thing-{number}/v1.0" for number in range(50)]
_HEADERS = "\n".join(f"x-header-{number}: {'v' * 20}" for number in range(10))


def make_large_run(nights: Nights, items: int, causes: int) -> None:
    """Write the run and its pages; every finding has a case with an exchange of the usual size."""
    findings = [
        replace(
            WITHOUT_ID,
            message=f"/data/field{number} is missing at 200",
            location=f"/data/field{number}",
            source=f"/components/schemas/Thing/{number}",
            kind=f"kind {number}",
            fingerprint=f"{number:012x}",
        )
        for number in range(causes)
    ]
    failing = [
        passed(
            operation,
            node_id=f"failing[{operation}]",
            tag=f"tag {number % 5}",
            status="failed",
            message="it fails",
            findings=tuple(
                replace(finding, operation=operation, case=_case(operation, finding.fingerprint))
                for finding in findings
            ),
        )
        for number, operation in enumerate(OPERATIONS)
    ]
    others = [
        passed(OPERATIONS[number % len(OPERATIONS)], node_id=f"item[{number}]", aspect=f"aspect {number}")
        for number in range(items - len(failing))
    ]
    shown = sorted(failing, key=lambda result: result.node_id)[:5]
    cases = [stored_case(str(finding.case), finding.operation) for result in shown for finding in result.findings]
    nights.run(*failing, *others, cases=cases)


def _case(operation: str, fingerprint: str) -> str:
    return f"{OPERATIONS.index(operation):02}-{fingerprint}"


def stored_case(case: str, operation: str) -> StoredCase:
    """A failing case with an exchange."""
    method, _, path = operation.partition(" ")
    evidence = {
        "Request": f"{operation}\n{_HEADERS}",
        "Response": f"200 OK\n{_HEADERS}\n\n{{\n" + '  "name": "a value of the usual length",\n' * 25 + "}",
        "curl": f"curl --request {method} 'http://127.0.0.1{path}' " + "--header 'x: y' " * 20,
    }
    return StoredCase(
        id=case,
        check=WITHOUT_ID.check,
        operation=operation,
        api="ampeco",
        api_version="3.90.0",
        target="staging",
        fingerprint=case.partition("-")[2],
        message=WITHOUT_ID.message,
        status=200,
        node_id=f"failing[{operation}]",
        options=(),
        sent=SentRequest(method, path, (), None),
        steps=(),
        evidence=evidence,
    )
