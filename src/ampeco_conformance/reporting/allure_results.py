"""One Allure result per pytest item, written when the item ends by the process that ran it.

allure-pytest tells items apart by their function alone, so all operations of one test would become retries of each
other; here the identity is operation (or scenario) x API version x target. Scenarios use the usual vocabulary of
`import allure`: this class answers its hooks.
"""

import hashlib
from pathlib import Path
from typing import Any

import allure_commons
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import Label, Link, Parameter, StatusDetails, TestResult, TestStepResult
from allure_commons.reporter import AllureReporter
from allure_commons.types import LabelType
from allure_commons.utils import host_tag, now, thread_tag, uuid4
from attr import attrib, attrs

from ampeco_conformance.exchanges import Exchange
from ampeco_conformance.findings import Finding
from ampeco_conformance.redaction import Redactor
from ampeco_conformance.reporting import exchange_viewer
from ampeco_conformance.reporting.model import ItemIdentity, ItemOutcome

_SHOWN_FINDINGS = 5
_SHOWN_CHARACTERS = 4_000
_WHAT_TO_DO = (
    "Repeat the request with the attached curl command. If the answer is what the vendor means, the specification is "
    "wrong: correct it. Otherwise report the difference to the vendor."
)


@attrs
class _Details(StatusDetails):
    """Status details with what Allure 3 shows as a difference."""

    actual: str | None = attrib(default=None)
    expected: str | None = attrib(default=None)


class AllureResults:
    """Writes the results of the items of one process into `results_dir`."""

    def __init__(self, results_dir: Path, redact: Redactor) -> None:
        self._redact = redact
        self._reporter = AllureReporter()
        self._uuid: str | None = None
        allure_commons.plugin_manager.register(self)
        allure_commons.plugin_manager.register(AllureFileLogger(str(results_dir)))

    def close(self) -> None:
        """Stop answering Allure's hooks."""
        for plugin in list(allure_commons.plugin_manager.get_plugins()):
            if plugin is self or isinstance(plugin, AllureFileLogger):
                allure_commons.plugin_manager.unregister(plugin)

    def start_item(self, identity: ItemIdentity) -> None:
        """An item begins; what `allure` is told from now on belongs to it."""
        self._uuid = uuid4()
        result = TestResult(
            uuid=self._uuid,
            name=identity.story if identity.operation is None else f"{identity.operation} - {identity.aspect}",
            fullName=identity.full_name,
            testCaseId=_digest(identity.full_name),
            historyId=_digest(identity.full_name),
            start=now(),
            labels=[Label(name=name, value=value) for name, value in _labels(identity)],
            parameters=[
                Parameter(name="apiVersion", value=identity.api_version),
                Parameter(name="target", value=identity.target),
            ],
            titlePath=[identity.title, identity.layer, identity.tag],
        )
        self._reporter.schedule_test(self._uuid, result)
        self._identity = identity

    def finish_item(self, outcome: ItemOutcome) -> None:
        """The item has ended: write its result."""
        assert self._uuid is not None
        result = self._reporter.get_test(self._uuid)
        findings = outcome.findings[:_SHOWN_FINDINGS]
        result.status = outcome.status
        result.start, result.stop = int(outcome.started_at * 1000), int(outcome.stopped_at * 1000)
        if outcome.status != "passed":
            result.statusDetails = self._details(outcome)
        result.description = self._redact.text(_description(self._identity, outcome))
        result.labels += [Label(name=LabelType.TAG, value=check) for check in sorted({item.check for item in findings})]
        if outcome.statistics:
            text = ", ".join(f"{name}: {value}" for name, value in outcome.statistics.items())
            result.parameters.append(Parameter(name="sent", value=text, excluded=True))
        for number, finding in enumerate(findings, start=1):
            self._attach_finding(number, finding)
        if outcome.status in ("failed", "broken"):
            rerun = f'pytest "{self._identity.node_id}"'
            self._attach(rerun.encode(), "Run this item again", "text/plain", "txt")
        self._reporter.close_test(self._uuid)
        self._uuid = None

    def attach_exchange(self, exchange: Exchange, name: str | None = None) -> None:
        """Show an exchange in the step, or the item, that is running."""
        if self._uuid is not None:
            content = exchange_viewer.as_viewer_json(exchange, self._redact)
            title = self._redact.text(name or exchange_viewer.title_of(exchange))
            self._attach(content, title, exchange_viewer.MEDIA_TYPE, exchange_viewer.EXTENSION)

    def _attach_finding(self, number: int, finding: Finding) -> None:
        if finding.exchange is None:
            return
        self.attach_exchange(finding.exchange, f"{number}. {finding.check}")
        curl = exchange_viewer.as_curl(finding.exchange, self._redact)
        self._attach(curl.encode(), f"{number}. Reproduce with curl", "text/plain", "sh")

    def _attach(self, body: bytes, name: str, media_type: str, extension: str) -> None:
        self._reporter.attach_data(uuid4(), body, name=name, attachment_type=media_type, extension=extension)

    def _details(self, outcome: ItemOutcome) -> _Details:
        details = _Details(
            message=self._redact.text(outcome.message)[:_SHOWN_CHARACTERS],
            trace=None if outcome.status == "skipped" else self._redact.text(outcome.trace)[:_SHOWN_CHARACTERS],
        )
        if outcome.findings:
            first = outcome.findings[0]
            details.expected = self._redact.text(str(first.expected))[:_SHOWN_CHARACTERS]
            details.actual = self._redact.text(str(self._redact.value(first.actual)))[:_SHOWN_CHARACTERS]
        return details

    @allure_commons.hookimpl
    def start_step(self, uuid: str, title: str, params: dict[str, Any]) -> None:
        """A step of a scenario begins."""
        parameters = [Parameter(name=name, value=self._redact.text(str(value))) for name, value in params.items()]
        step = TestStepResult(name=self._redact.text(title), start=now(), parameters=parameters)
        self._reporter.start_step(None, uuid, step)

    @allure_commons.hookimpl
    def stop_step(self, uuid: str, exc_val: BaseException | None) -> None:
        """A step of a scenario ends."""
        status = "passed" if exc_val is None else "failed" if isinstance(exc_val, AssertionError) else "broken"
        details = None if exc_val is None else StatusDetails(message=self._redact.text(str(exc_val)))
        self._reporter.stop_step(uuid, stop=now(), status=status, statusDetails=details)

    @allure_commons.hookimpl
    def attach_data(self, body: Any, name: str, attachment_type: Any, extension: str) -> None:
        """Something is attached to the running step."""
        if self._uuid is not None:
            if isinstance(body, str):
                body = self._redact.text(body)
            self._reporter.attach_data(uuid4(), body, name=name, attachment_type=attachment_type, extension=extension)

    @allure_commons.hookimpl
    def attach_file(self, source: str, name: str, attachment_type: Any, extension: str) -> None:
        """A file is attached to the running step."""
        self.attach_data(Path(source).read_bytes(), name or Path(source).name, attachment_type, extension)

    @allure_commons.hookimpl
    def add_label(self, label_type: str, labels: tuple[str, ...]) -> None:
        """A scenario sets a label; severity replaces the one it had."""
        result = self._reporter.get_test(self._uuid)
        if result is None:
            return
        if label_type == LabelType.SEVERITY:
            result.labels = [label for label in result.labels if label.name != LabelType.SEVERITY]
        result.labels += [Label(name=label_type, value=str(getattr(label, "value", label))) for label in labels]

    @allure_commons.hookimpl
    def add_link(self, url: str, link_type: str, name: str) -> None:
        """A scenario links to something."""
        result = self._reporter.get_test(self._uuid)
        if result is not None:
            result.links.append(Link(type=link_type, url=url, name=name))


def _labels(identity: ItemIdentity) -> list[tuple[str, str]]:
    return [
        (LabelType.EPIC, identity.title),
        (LabelType.FEATURE, identity.tag),
        (LabelType.STORY, identity.story),
        (LabelType.SEVERITY, identity.severity),
        (LabelType.PARENT_SUITE, identity.layer),
        (LabelType.SUITE, identity.aspect if identity.operation else identity.tag),
        (LabelType.SUB_SUITE, identity.tag if identity.operation else identity.story),
        ("layer", identity.layer),
        ("apiVersion", identity.api_version),
        ("target", identity.target),
        (LabelType.HOST, host_tag()),
        (LabelType.THREAD, thread_tag()),
        (LabelType.FRAMEWORK, "pytest"),
        (LabelType.LANGUAGE, "python"),
    ]


def _description(identity: ItemIdentity, outcome: ItemOutcome) -> str:
    """The item for a reader who does not know Python: what was tested, what was found and where that is written."""
    what = identity.doc or f"{identity.story} under the aspect {identity.aspect}."
    paragraphs = [what]
    for finding in outcome.findings[:_SHOWN_FINDINGS]:
        lines = [f"**{finding.check}**: {finding.message}"]
        lines += [f"- where: `{finding.location}`"] if finding.location else []
        lines += [f"- rule: `{finding.source}` in the specification of {identity.title}"] if finding.source else []
        paragraphs.append("\n".join(lines))
    if outcome.findings:
        paragraphs.append(_WHAT_TO_DO)
    paragraphs += [f"Note: {note}" for note in outcome.notes]
    return "\n\n".join(paragraphs)


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
