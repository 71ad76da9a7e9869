"""The verdict as one HTML page that needs nothing else; whatever comes from the run is escaped."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

from markupsafe import Markup, escape

from ampeco_conformance.checks.registry import check_of
from ampeco_conformance.reporting import labels
from ampeco_conformance.reporting.clusters import BROKEN, Cluster
from ampeco_conformance.reporting.verdict import SECTIONS, Gap, Verdict
from ampeco_conformance.reporting.writers import charts

_PAGE = Path(__file__).with_name("verdict.html")
_OPENED_UP_TO = 6
_SHOWN_CLUSTERS = 100
_NOTHING = Markup("")


def render_html(verdict: Verdict, links: Mapping[str, str], allure_ids: Mapping[str, str]) -> str:
    """The page. `links` are titles and relative paths of other reports; `allure_ids` lead from node ids into Allure."""
    parts = {
        "title": f"{labels.BIG_WORDS[verdict.decision]}: {labels.subject(verdict)}",
        "decision": verdict.decision,
        "word": labels.BIG_WORDS[verdict.decision],
        "subject": labels.subject(verdict),
        "sentence": verdict.sentence,
        "incomplete": _if(verdict.incomplete, '<p class="incomplete"><strong>Incomplete.</strong> {}</p>'),
        "figures": _join("<div><dt>{}</dt><dd>{}</dd></div>", labels.figures(verdict)),
        "started": labels.moment(verdict.run.at),
        "run": verdict.run.id,
        "menu": _menu(verdict),
        "changes": _changes(verdict),
        "not_tested": _not_tested(verdict),
        "worst": _worst(verdict.worst),
        "links": _join('<a href="{}">{}</a>', ((path, title) for title, path in links.items())),
        "sections": _NOTHING.join(_section(name, verdict.cards(name), allure_ids) for name in SECTIONS),
        "charts": _charts(verdict),
    }
    page = Template(_PAGE.read_text(encoding="utf-8"))
    return page.substitute({name: escape(part) for name, part in parts.items()})


def _if(text: str | None, form: str) -> Markup:
    return Markup(form).format(text) if text else _NOTHING


def _join(form: str, values: Iterable[tuple[str, str]]) -> Markup:
    return _NOTHING.join(Markup(form).format(*each) for each in values)


def _list(values: Iterable[str]) -> Markup:
    return Markup("<ul>{}</ul>").format(_NOTHING.join(Markup("<li>{}</li>").format(value) for value in values))


def _menu(verdict: Verdict) -> Markup:
    sections = ((name, name.capitalize(), len(verdict.cards(name))) for name in SECTIONS)
    return _NOTHING.join(
        Markup('<a href="#{}" class="{}">{} <b>{}</b></a>').format(name, "" if many else "none", title, many)
        for name, title, many in sections
    )


def _changes(verdict: Verdict) -> Markup:
    return _NOTHING.join(
        Markup("<h3>{}</h3><p>{}</p>{}").format(heading, first, _list(rest) if rest else "")
        for heading, (first, *rest) in labels.changes(verdict)
    )


def _not_tested(verdict: Verdict) -> Markup:
    gaps = _NOTHING.join(_gap(gap) for gap in verdict.not_tested) or Markup("<p>Everything was tested.</p>")
    return gaps + (_list(verdict.notes) if verdict.notes else _NOTHING)


def _gap(gap: Gap) -> Markup:
    title = labels.gap_title(gap)
    if not gap.names:
        return Markup("<p>{}</p>").format(title)
    return Markup("<details><summary>{}</summary>{}</details>").format(title, _list(gap.names))


def _worst(clusters: Iterable[Cluster]) -> Markup:
    cards = _NOTHING.join(
        Markup('<li><span class="chip {0}">{0}</span> <a href="#{1}">{2}</a><br><small>{3}{4}</small></li>').format(
            cluster.severity,
            cluster.id,
            labels.told(cluster),
            labels.spread(cluster),
            f": {cluster.operations[0]}" if cluster.operations else "",
        )
        for cluster in clusters
    )
    return Markup("<ol>{}</ol>").format(cards) if cards else Markup("<p>Nothing was found.</p>")


def _section(name: str, clusters: list[Cluster], allure_ids: Mapping[str, str]) -> Markup:
    cards = _NOTHING.join(_card(cluster, allure_ids) for cluster in clusters[:_SHOWN_CLUSTERS])
    if more := len(clusters) - _SHOWN_CLUSTERS:
        cards += Markup("<p>and {} more in verdict.json</p>").format(more) if more > 0 else _NOTHING
    return Markup('<section id="{}" class="findings"><h2>{} <b>{}</b><small>{}</small></h2>{}</section>').format(
        name, name.capitalize(), len(clusters), SECTIONS[name], cards
    )


def _card(cluster: Cluster, allure_ids: Mapping[str, str]) -> Markup:
    touched = cluster.operations or cluster.items
    again = [f"./conform replay {cluster.case}"] if cluster.case else []
    again += [cluster.rerun] if cluster.rerun else []
    shown = next((allure_ids[node_id] for node_id in cluster.node_ids if node_id in allure_ids), None)
    return Markup(
        '<article id="{id}" class="{severity}"><p><span class="chip {severity}">{severity}</span> <code>{check}</code>'
        " <small>{facts}</small></p><h3>{told}</h3>{claim}{difference}{issue}{setting}{rule}"
        "<details{opened}><summary>{title}</summary>{touched}</details>{places}{rerun}{known}{allure}</article>"
    ).format(
        id=cluster.id,
        severity=cluster.severity,
        check=cluster.check,
        facts=labels.facts(cluster),
        told=labels.told(cluster),
        issue=_if(cluster.issue, "<p>Known issue: {}</p>"),
        claim=_if(None if cluster.check == BROKEN else check_of(cluster.check).claim, "<p>The promise: {}</p>"),
        difference=_difference(cluster),
        setting=_if(cluster.setting, '<p class="hint">Setting: {}</p>'),
        rule=_if(cluster.source, '<p class="rule">Rule: <code>{}</code></p>'),
        opened=Markup(" open") if len(touched) <= _OPENED_UP_TO else "",
        places=_places(cluster.places),
        title=labels.count(len(touched), "operation" if cluster.operations else "story item"),
        touched=_list(touched),
        rerun=_if(labels.again(cluster), "<details><summary>Run again</summary><pre>{}</pre></details>"),
        known=_if(" ".join(cluster.fingerprints), '<p class="hint">Fingerprint: <code>{}</code></p>'),
        allure=_if(shown, '<p><a href="html/index.html#{}">Request, answer and steps in Allure</a></p>'),
    )


def _places(places: list[str]) -> Markup:
    if not places:
        return _NOTHING
    return Markup("<details><summary>{}</summary>{}</details>").format(
        labels.count(len(places), "place"), _list(places)
    )


def _difference(cluster: Cluster) -> Markup:
    if cluster.expected is None and cluster.actual is None:
        return _NOTHING
    return Markup("<p>Expected <code>{}</code>, received <code>{}</code>.</p>").format(
        cluster.expected or "nothing", cluster.actual or "nothing"
    )


def _charts(verdict: Verdict) -> Markup:
    runs = [*verdict.earlier, verdict.run]
    alike = [run for run in runs if run.versions == verdict.run.versions]
    drawn = [
        ("Findings over time", "One bar per run of this version; red is no-go.", charts.findings_over_time(alike)),
        ("Versions", "One dot per run of a version on this target.", charts.life_line(runs)),
    ]
    if verdict.slowest:
        slowest = verdict.slowest[0]
        hint = f"Slowest: {slowest.operation}, 95 % within {slowest.p95:g} ms. Dark is the median, pale the 95 %."
        drawn.append(("Response times", hint, charts.slowest_operations(verdict.slowest)))
    if verdict.coverage:
        hint = "Operations seen succeeding, and how the items of each aspect ended: green passed, red failed."
        drawn.append(("Reach, by tag and aspect", hint, charts.heat_map(verdict.coverage)))
    return _NOTHING.join(
        Markup('<figure><figcaption><h3>{}</h3><p class="hint">{}</p></figcaption>{}</figure>').format(*each)
        for each in drawn
    )
