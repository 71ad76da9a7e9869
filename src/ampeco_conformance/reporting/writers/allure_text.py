"""Name, labels and description of an Allure result."""

from allure_commons.types import LabelType
from allure_commons.utils import host_tag, thread_tag

from ampeco_conformance.reporting.model import ItemIdentity, ItemOutcome

SHOWN_FINDINGS = 5
NOT_ENDED = "The run ended before this item did: it was interrupted, or its process was killed."

_WHAT_TO_DO = (
    "Repeat the request with the attached curl command. If the vendor intends the response, correct the specification. "
    "Otherwise report the difference to the vendor."
)


def name_of(identity: ItemIdentity) -> str:
    """The name: operation and aspect, or the scenario's title."""
    return identity.name if identity.operation is None else f"{identity.operation} - {identity.aspect}"


def labels_of(identity: ItemIdentity) -> list[tuple[str, str]]:
    """The labels by which Allure groups and filters."""
    return [
        (LabelType.EPIC, identity.title),
        (LabelType.FEATURE, identity.tag),
        (LabelType.STORY, identity.name),
        (LabelType.SEVERITY, identity.severity),
        (LabelType.PARENT_SUITE, identity.layer),
        (LabelType.SUITE, identity.aspect if identity.operation else identity.tag),
        (LabelType.SUB_SUITE, identity.tag if identity.operation else identity.name),
        ("layer", identity.layer),
        ("aspect", identity.aspect),
        ("apiVersion", identity.api_version),
        ("target", identity.target),
        (LabelType.HOST, host_tag()),
        (LabelType.THREAD, thread_tag()),
        (LabelType.FRAMEWORK, "pytest"),
        (LabelType.LANGUAGE, "python"),
    ]


def description_of(identity: ItemIdentity, outcome: ItemOutcome) -> str:
    """What was tested, what was found, where the rule is written, and what to do (Markdown)."""
    paragraphs = [identity.doc or f"{identity.name} ({identity.aspect})."]
    for finding in outcome.findings[:SHOWN_FINDINGS]:
        lines = [f"**{finding.check}**: {finding.message}"]
        lines += [f"- where: `{finding.location}`"] if finding.location else []
        lines += [f"- rule: `{finding.source}` in the specification of {identity.title}"] if finding.source else []
        paragraphs.append("\n".join(lines))
    if len(outcome.findings) > SHOWN_FINDINGS:
        paragraphs.append(f"{len(outcome.findings) - SHOWN_FINDINGS} more are in the error message.")
    if outcome.findings:
        paragraphs.append(_WHAT_TO_DO)
    paragraphs += [f"Note: {note}" for note in outcome.notes]
    return "\n\n".join(paragraphs)
