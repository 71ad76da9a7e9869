"""One Allure result per pytest item, written by the process that runs it.

allure-pytest identifies items by their function alone, so all operations of one test would become retries of each
other; here the identity is operation (or scenario) x API version x target. Scenarios use the usual vocabulary of
`import allure`: this class implements its hooks while one of its items runs, so that a session inside another one has
its own results.

The result is written when the item starts, as one that did not end, and replaced when it ends: neither an interruption
nor a killed process loses an item.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import allure_commons
import attr
import orjson
from allure_commons.model2 import Label, Link, Parameter, Status, StatusDetails, TestResult, TestStepResult
from allure_commons.reporter import AllureReporter
from allure_commons.types import LabelType
from allure_commons.utils import now, uuid4

from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.errors import unwritable
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Certainty, Finding, Standing
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.private_files import write_private
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.core.redaction import MASK, Redactor
from ampeco_conformance.reporting.links import links_of
from ampeco_conformance.reporting.model import ItemIdentity, ItemOutcome
from ampeco_conformance.reporting.text import shown_actual, shown_value
from ampeco_conformance.reporting.writers import exchange_viewer
from ampeco_conformance.reporting.writers.allure_settings import item_digest
from ampeco_conformance.reporting.writers.allure_text import (
    NOT_ENDED,
    SHOWN_FINDINGS,
    description_of,
    labels_of,
    name_of,
)
from ampeco_conformance.target.configuration import EMBEDDED_EMULATOR

_SHOWN_CHARACTERS = 4_000
_SHOWN_EXCHANGES = 100


@attr.attrs
class _Details(StatusDetails):
    """Status details with what Allure 3 shows as a difference."""

    actual: str | None = attr.attrib(default=None)
    expected: str | None = attr.attrib(default=None)


class AllureResults:
    """Writes the results of the items of one process into `results_dir`, with all secrets masked."""

    def __init__(self, results_dir: Path, redact: Redactor) -> None:
        self._folder = results_dir
        self._folder.mkdir(parents=True, exist_ok=True)
        self._redact = redact
        self._reporter = AllureReporter()
        self._result: TestResult | None = None
        self._identity: ItemIdentity | None = None
        self._uuid: str | None = None
        self._exchanges = 0
        #: Why something could not be written, once that has happened.
        self.trouble: str | None = None
        allure_commons.plugin_manager.register(self)

    def close(self) -> None:
        """Stop implementing Allure's hooks."""
        allure_commons.plugin_manager.unregister(self)

    def start_item(self, identity: ItemIdentity) -> None:
        """Start an item; what `allure` records from now on belongs to it."""
        digest = item_digest(identity.node_id)
        started = now()
        self._result = TestResult(
            uuid=uuid4(),
            name=name_of(identity),
            fullName=identity.node_id,
            testCaseId=digest,
            historyId=digest,
            status=Status.BROKEN,
            statusDetails=_Details(message=NOT_ENDED),
            start=started,
            stop=started,
            labels=[Label(name=name, value=value) for name, value in labels_of(identity)],
            parameters=[
                Parameter(name="apiVersion", value=identity.api_version),
                Parameter(name="target", value=identity.target),
            ],
            titlePath=[identity.title, identity.layer, identity.tag],
        )
        self._identity = identity
        self._uuid = self._result.uuid
        self._exchanges = 0
        self._reporter.schedule_test(self._result.uuid, self._result)
        self.report_result(self._result)

    def finish_item(self, outcome: ItemOutcome) -> None:
        """Replace the result that was written at the start."""
        result, identity = self._result, self._identity
        if result is None or identity is None:
            raise RuntimeError("finish_item without start_item")
        findings = outcome.findings[:SHOWN_FINDINGS]
        redact = self._redact
        for finding in outcome.findings:
            redact = redact.knowing(finding.exchange) if finding.exchange else redact
        result.status = _status_of(outcome)
        result.statusDetails = _details(outcome, redact) if outcome.findings or outcome.message else None
        result.start, result.stop = int(outcome.started_at * 1000), int(outcome.stopped_at * 1000)
        result.description = redact.text(description_of(identity, outcome))
        result.labels += [Label(name=LabelType.TAG, value=check) for check in sorted({item.check for item in findings})]
        owners = sorted({finding.owner for finding in findings if finding.owner})
        result.labels += [Label(name="owner", value=owner) for owner in owners]
        result.parameters += [
            Parameter(name=name, value=str(value), excluded=True) for name, value in outcome.statistics.items()
        ]
        if findings:
            worst = min((finding.severity for finding in outcome.findings), key=list(Severity).index)
            self.add_label(LabelType.SEVERITY, (worst,))
        links = dict.fromkeys(link for finding in findings for link in links_of(finding, identity.api))
        result.links += [Link(type=kind, url=url, name=name) for kind, url, name in links]
        self._attach_evidence(findings, identity.target)
        if result.status in (Status.FAILED, Status.BROKEN):
            self._attach(redact.text(identity.rerun).encode(), "Run this item again", "text/plain", "txt")
        self._result = self._identity = None
        self._reporter.close_test(result.uuid)

    def attach_exchange(self, exchange: Exchange) -> None:
        """Attach an exchange to the running step or item; an item shows its first hundred."""
        if self._result is None:
            return
        self._exchanges += 1
        if self._exchanges <= _SHOWN_EXCHANGES:
            self._attach_exchange(exchange, exchange_viewer.title_of(exchange, self._redact))
        elif self._exchanges == _SHOWN_EXCHANGES + 1:
            text = f"Only the first {_SHOWN_EXCHANGES} exchanges of an item are shown."
            self._attach(text.encode(), "More exchanges", "text/plain", "txt")

    def decorate(self, title: str | None, description: str | None, links: list[tuple[str, str, str]]) -> None:
        """Apply decorators such as `@allure.title`; links are (type, url, name)."""
        if self._result is not None and self._identity is not None:
            self._result.name = self._redact.text(title or self._result.name)
            self._identity = replace(self._identity, doc=description or self._identity.doc)
            self._result.links += [Link(type=kind, url=self._redact.url(url), name=name) for kind, url, name in links]

    def _attach_evidence(self, findings: Sequence[Finding], target: str) -> None:
        """Attach each exchange once, at the first finding it shows."""
        shown: list[Exchange] = []
        for number, finding in enumerate(findings, start=1):
            exchange = finding.exchange
            if exchange is None or any(exchange is other for other in shown):
                continue
            shown.append(exchange)
            self._attach_exchange(exchange, f"{number}. {finding.check}")
            curl = exchange_viewer.as_curl(exchange, self._redact)
            if target == EMBEDDED_EMULATOR:
                port = urlsplit(exchange.request.url).port
                curl = f"# {COMMAND} emulator --api-version {finding.api_version} --port {port}\n{curl}"
            self._attach(curl.encode(), f"{number}. Reproduce with curl", "text/plain", "sh")

    def _attach_exchange(self, exchange: Exchange, name: str) -> None:
        content = exchange_viewer.as_viewer_json(exchange, self._redact)
        name = self._redact.text(name)
        self._attach(content, name, exchange_viewer.MEDIA_TYPE, exchange_viewer.EXTENSION)

    def _attach(self, body: bytes, name: str, media_type: object, extension: str | None) -> None:
        self._reporter.attach_data(uuid4(), body, name=name, attachment_type=media_type, extension=extension)

    @allure_commons.hookimpl
    def start_step(self, uuid: str, title: str, params: dict[str, object]) -> None:
        """A step of a scenario begins."""
        if self._result is None:
            return
        parameters = [
            Parameter(name=name, value=MASK if self._redact.hides(name) else self._redact.text(str(value)))
            for name, value in params.items()
        ]
        step = TestStepResult(name=self._redact.text(title), start=now(), parameters=parameters)
        self._reporter.start_step(None, uuid, step)

    @allure_commons.hookimpl
    def stop_step(self, uuid: str, exc_type: type[BaseException] | None, exc_val: BaseException | None) -> None:
        """A step of a scenario ends."""
        if self._result is None:
            return
        details = None if exc_val is None else StatusDetails(message=self._redact.text(str(exc_val)))
        self._reporter.stop_step(uuid, stop=now(), status=_status_of_step(exc_type), statusDetails=details)

    @allure_commons.hookimpl
    def attach_data(self, body: object, name: str | None, attachment_type: object, extension: str | None) -> None:
        """Attach to the running step; text is masked, binary data such as images stays as it is."""
        if self._result is None:
            return
        raw = body if isinstance(body, bytes) else str(body).encode()
        shown = self._redact.body(raw, received=_is_json(raw)).encode() if _is_text(raw) else raw
        self._attach(shown, self._redact.text(name or "attachment"), attachment_type, extension)

    @allure_commons.hookimpl
    def attach_file(self, source: str, name: str | None, attachment_type: object, extension: str | None) -> None:
        """Attach a file to the running step."""
        path = Path(source)
        self.attach_data(path.read_bytes(), name or path.name, attachment_type, extension or path.suffix.lstrip("."))

    @allure_commons.hookimpl
    def add_title(self, test_title: str) -> None:
        """A scenario sets its title."""
        self.decorate(test_title, None, [])

    @allure_commons.hookimpl
    def add_description(self, test_description: str) -> None:
        """A scenario sets its description."""
        self.decorate(None, test_description, [])

    @allure_commons.hookimpl
    def add_link(self, url: str, link_type: str, name: str | None) -> None:
        """A scenario links to something."""
        self.decorate(None, None, [(link_type, url, name or self._redact.url(url))])

    @allure_commons.hookimpl
    def add_label(self, label_type: str, labels: tuple[object, ...]) -> None:
        """A scenario sets a label; severity replaces the one it had."""
        if self._result is None:
            return
        if label_type == LabelType.SEVERITY:
            self._result.labels = [label for label in self._result.labels if label.name != LabelType.SEVERITY]
        self._result.labels += [Label(name=label_type, value=str(getattr(label, "value", label))) for label in labels]

    @allure_commons.hookimpl
    def add_parameter(self, name: str, value: object) -> None:
        """A scenario shows a parameter; it is not part of the item's identity."""
        if self._result is not None:
            shown = MASK if self._redact.hides(name) else self._redact.text(str(value))
            self._result.parameters.append(Parameter(name=name, value=shown, excluded=True))

    @allure_commons.hookimpl
    def report_result(self, result: TestResult) -> None:
        """Write a result of this session."""
        if result.uuid != self._uuid:
            return
        content = attr.asdict(result, filter=lambda _, value: bool(value) or value is False)
        self._write(f"{result.uuid}-result.json", write_json(content))

    @allure_commons.hookimpl
    def report_attached_data(self, body: bytes, file_name: str) -> None:
        """Write an attachment to a result of this session."""
        if self._result is not None:
            self._write(file_name, body)

    def _write(self, name: str, content: bytes) -> None:
        """Write a file atomically: a killed process or a full disk leaves no partial file."""
        unfinished = self._folder / f"{name}.tmp"
        try:
            write_private(unfinished, content)
            unfinished.replace(self._folder / name)
        except OSError as error:
            self.trouble = unwritable(error, self._folder)
            unfinished.unlink(missing_ok=True)


def _status_of(outcome: ItemOutcome) -> str:
    """Allure can mute only failures, so an item that shows a known issue fails there and is muted."""
    if outcome.status == Status.PASSED and any(finding.standing is Standing.KNOWN for finding in outcome.findings):
        return str(Status.FAILED)
    return outcome.status


def _details(outcome: ItemOutcome, redact: Redactor) -> _Details:
    message = outcome.message or "\n".join(finding.headline for finding in outcome.findings)
    details = _Details(message=redact.text(message)[:_SHOWN_CHARACTERS])
    if outcome.status != Status.SKIPPED:
        # The end of a traceback is what matters.
        details.trace = redact.text(outcome.trace)[-_SHOWN_CHARACTERS:]
    details.flaky = any(finding.certainty is Certainty.FLAKY for finding in outcome.findings)
    if outcome.findings and (outcome.findings[0].expected, outcome.findings[0].actual) != (None, None):
        first = outcome.findings[0]
        details.expected = str(shown_value(first.expected, redact, _SHOWN_CHARACTERS))
        details.actual = str(shown_actual(first, redact, _SHOWN_CHARACTERS))
    return details


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _status_of_step(exc_type: type[BaseException] | None) -> str:
    if exc_type is None:
        return str(Status.PASSED)
    if issubclass(exc_type, AssertionError):
        return str(Status.FAILED)
    # pytest.skip raises `Skipped`, which is not an Exception.
    return str(Status.SKIPPED if exc_type.__name__ == "Skipped" else Status.BROKEN)
