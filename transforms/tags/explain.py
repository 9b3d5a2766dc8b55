"""Tags with their evidence for a person: as plain text, and as a page that marks up the text.

The page is one file without scripts or anything from elsewhere; all that comes from the text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape as escape_marks
from itertools import pairwise

from schemas.records import Actor, Tags

_AROUND = 40
_MATCHES = {
    "alias": "a name in a pack",
    "acronym": "an acronym of a pack or of this text",
    "weak": "an ambiguous name of a pack, with its context in this text",
    "variant": "another spelling of a person in a pack",
    "name": "capitalised words, by rule",
    "role": "a role, title or body beside the name",
    "speaker": "speaks",
    "coref": "short form of a name in this text, or the body of the state named last",
    "source": "named as a source",
    "head": "a noun such as Commission alone",
    "noun": "a noun or a role without a name",
    "pronoun": "the likeliest actor named before",
    "metonym": "a place that acts for its state",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """One document and its tags; offsets count in `title + "\\n\\n" + text` where there is a title."""

    id: str
    title: str | None
    text: str
    tags: Tags

    @property
    def whole(self) -> str:
        """The string that offsets count in."""
        return f"{self.title}\n\n{self.text}" if self.title else self.text


def explain_text(document: Explained) -> str:
    """All tags of a document, one a line, each with the words around it and the rule that made it."""
    whole, tags = document.whole, document.tags
    lines = [f"== {_line(document.id)}: region {tags.region} (packs {tags.pack_version})"]
    lines += [f"  country {c.country} {c.score:.2f}" for c in tags.countries]
    lines += [f"  region {r.region} {r.score:.2f}" for r in tags.regions]
    lines += ["places" if tags.places else "no places"]
    for place in tags.places:
        where = "/".join(part for part in (place.country, place.admin1) if part)
        lines.append(
            f"  {place.start}-{place.end} {place.surface!r} = {place.name} [{place.place_id}] {place.kind} {where} "
            f"{place.use}, score {place.score:.2f}, rule {place.rule}: {_around(whole, place.start, place.end)}"
        )
    lines += ["actors" if tags.actors else "no actors"]
    for actor in tags.actors:
        lines.append(f"  {actor.name} [{actor.actor_id}] {_kind(actor)}, score {actor.score:.2f}")
        lines += [
            f"    {m.start}-{m.end} {m.surface!r} {m.match} ({_MATCHES.get(m.match, m.match)}): "
            f"{_around(whole, m.start, m.end)}"
            for m in actor.mentions
        ]
    names = {actor.actor_id: actor.name for actor in tags.actors}
    lines += ["quotes" if tags.quotes else "no quotes"]
    lines += [
        f"  {q.start}-{q.end} {names[q.actor_id]} [{q.actor_id}] {q.verb}: {_line(whole[q.start : q.end])}"
        for q in tags.quotes
    ]
    lines += ["links" if tags.links else "no links"]
    spots = {place.place_id: place.name for place in tags.places}
    lines += [f"  {names[link.actor_id]} - {spots[link.place_id]} ({link.start}-{link.end})" for link in tags.links]
    return "\n".join(lines) + "\n"


def _kind(actor: Actor) -> str:
    code = " ".join(part for part in (actor.plover_country or "", *actor.plover_sectors) if part)
    known = "not in any pack" if actor.provisional else "known"
    return ", ".join(part for part in (actor.type, actor.country or "", code, known) if part)


def _around(whole: str, start: int, end: int) -> str:
    before, after = whole[max(0, start - _AROUND) : start], whole[end : end + _AROUND]
    return f"…{_line(before)}[{_line(whole[start:end])}]{_line(after)}…"


def _line(text: str) -> str:
    """A piece of text on one line, without control characters that a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)


_CONTROLS = {code: "\ufffd" for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if chr(code) not in "\n\r\t"}


def escape(text: str) -> str:
    """A text as it may stand in a page; control characters, which no page may hold, are shown as U+FFFD."""
    return escape_marks(text.translate(_CONTROLS))


_STYLE = """
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
article{white-space:pre-wrap}
.q{background:#fff3c4}.p{border-bottom:3px solid #2f7d4f}.a{background:#cfe3ff}.a.p{background:#cfe3ff}
.m{background:#e7d6f7}
table{border-collapse:collapse;font-size:.85rem;margin:1rem 0;width:100%}
td,th{border-bottom:1px solid #ccc;padding:.2rem .5rem;text-align:left;vertical-align:top}
h2{margin-top:3rem}small{color:#555}
"""
_HEAD = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    '<meta name="viewport" content="width=device-width"><title>newsbeam: tags explained</title>'
)
_LEGEND = (
    '<p><span class="p">place</span> &nbsp; <span class="a">actor</span> &nbsp; '
    '<span class="m">state, named by a place</span> &nbsp; <span class="q">quoted words</span> '
    "<small>Rest the pointer on a mark to see what it is and why.</small></p>"
)


def html_head() -> str:
    """What stands before the first document."""
    return f"{_HEAD}<style>{_STYLE}</style></head><body><h1>Tags explained</h1>{_LEGEND}\n"


def html_foot() -> str:
    """What stands behind the last document."""
    return "</body></html>\n"


def explain_html(document: Explained) -> str:
    """One document as a section: the marked text, then a table of the actors and one of the places."""
    tags = document.tags
    countries = ", ".join(f"{c.country} {c.score:.2f}" for c in tags.countries) or "no country"
    region = f"<strong>Region {escape(tags.region)}</strong> <small>{escape(countries)}</small>"
    head = f"<h2>{escape(document.id)}</h2><p>{region}</p>"
    body = "".join(_segments(document.whole, list(_marks(tags))))
    actors = "".join(
        _row(actor.name, actor.actor_id, _kind(actor), f"{actor.score:.2f}", str(len(actor.mentions)))
        for actor in tags.actors
    )
    names = {actor.actor_id: actor.name for actor in tags.actors}
    quotes = "".join(_row(names[q.actor_id], q.verb, document.whole[q.start : q.end]) for q in tags.quotes)
    places = "".join(
        _row(
            place.surface, place.name, place.place_id, place.country or "", place.use, f"{place.score:.2f}", place.rule
        )
        for place in tags.places
    )
    return (
        f"<section>{head}<article>{body}</article>"
        f"{_table(('actor', 'id', 'what', 'score', 'mentions'), actors)}"
        f"{_table(('speaker', 'verb', 'words'), quotes)}"
        f"{_table(('words', 'place', 'id', 'country', 'use', 'score', 'rule'), places)}</section>\n"
    )


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _table(heads: Sequence[str], rows: str) -> str:
    if not rows:
        return ""
    return "<table><tr>" + "".join(f"<th>{head}</th>" for head in heads) + f"</tr>{rows}</table>"


def _marks(tags: Tags) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, class, note) of everything that is marked."""
    for place in tags.places:
        note = f"{place.name} ({place.place_id}), {place.use}, score {place.score:.2f}, rule {place.rule}"
        yield place.start, place.end, "p", note
    for actor in tags.actors:
        for mention in actor.mentions:
            why = _MATCHES.get(mention.match, mention.match)
            note = f"{actor.name} ({actor.actor_id}), {_kind(actor)}: {why}"
            yield mention.start, mention.end, "m" if mention.metonym else "a", note
    names = {actor.actor_id: actor.name for actor in tags.actors}
    for quote in tags.quotes:
        yield quote.start, quote.end, "q", f"{names[quote.actor_id]} {quote.verb}"


def _segments(whole: str, marks: Sequence[tuple[int, int, str, str]]) -> Iterator[str]:
    """The text cut where any mark starts or ends; each piece carries the classes and notes of all marks over it."""
    starts: dict[int, list[tuple[int, str, str]]] = {}
    for start, end, name, note in marks:
        starts.setdefault(start, []).append((end, name, note))
    cuts = sorted({0, len(whole), *(cut for start, end, _, _ in marks for cut in (start, end))})
    over: list[tuple[int, str, str]] = []
    for left, right in pairwise(cuts):
        over = [mark for mark in over if mark[0] > left] + starts.get(left, [])
        piece = escape(whole[left:right])
        if over:
            classes = " ".join(sorted({name for _, name, _ in over}))
            notes = escape("; ".join(dict.fromkeys(note for _, _, note in over)))
            yield f'<span class="{classes}" title="{notes}">{piece}</span>'
        else:
            yield piece
