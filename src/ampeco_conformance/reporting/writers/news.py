"""What a run says that the last one did not, for a message to people: what is new, fixed or has expired."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

from ampeco_conformance.core.markdown import plain
from ampeco_conformance.reporting import labels
from ampeco_conformance.reporting.clusters import Cluster
from ampeco_conformance.reporting.summary import RunSummary
from ampeco_conformance.reporting.verdict import Verdict

_SHOWN = 10


def news_of(verdict: Verdict, summary: RunSummary | None) -> list[str]:
    """One line for each cause or known issue; empty when the run says nothing that the last one did not."""
    last = verdict.since_last_run
    return [
        *_lines("New", verdict.cards("new")),
        *_lines("Fixed", verdict.cards("fixed")),
        *(
            f"Expired: {review.sentence}"
            for review in (summary.known_issues if summary else ())
            if review.expired and (last is None or date.fromisoformat(review.expires) >= _day(last.at))
        ),
    ]


def as_markdown(verdict: Verdict, news: list[str]) -> str:
    """The news as Markdown, below the decision."""
    lines = (f"- {plain(line)}" for line in labels.shortened(news, _SHOWN))
    return "\n".join([f"**{plain(_title(verdict))}**", "", *lines, ""])


def as_slack(verdict: Verdict, news: list[str]) -> str:
    """The news as the body of a request to a webhook of Slack, or of another chat that takes the same."""
    text = "\n".join([f"*{_title(verdict)}*", *(f"• {line}" for line in labels.shortened(news, _SHOWN))])
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    return json.dumps({"text": text}, ensure_ascii=False) + "\n"


def _title(verdict: Verdict) -> str:
    return f"{labels.DECISIONS[verdict.decision]}: {labels.subject(verdict)}"


def _lines(word: str, causes: list[Cluster]) -> Iterator[str]:
    for cause in causes:
        yield f"{word}: {cause.check}: {labels.headline(cause)} ({labels.spread(cause)})"


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()
