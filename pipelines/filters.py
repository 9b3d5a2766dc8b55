"""Each stage alone as a filter over JSON Lines: one line out per line in, in order, input fields passed on.

A line that cannot be processed gives `{"id": …, "error": {"stage", "reason", "message"}}`, and the run goes on. A line
that is such an error already, from a filter earlier in the pipe, is passed on as it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from schemas.outcomes import Reason, Stage
from schemas.records import Feed, FeedEntry, Page, Problem, Tags
from transforms.clock import Clock

if TYPE_CHECKING:
    from transforms.tags.tagger import Tagger

Line = dict[str, Any]
Result = Mapping[str, Any] | Problem

_AT_ONCE = 512
"""Lines of `fetch` that are worked on at once. Results come out in the order of the lines, so as many pages are held at
most; with fewer, a list in the order of its hosts would have but a few of them asked at a time."""


def read_lines(stream: Iterable[bytes]) -> Iterator[Line | Problem]:
    """JSON objects of a stream, one per line that is not blank."""
    for number, raw in enumerate(stream, 1):
        if not raw.strip():
            continue
        try:
            line = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            yield Problem(Reason.UNREADABLE, f"line {number} is no JSON: {error}")
            continue
        yield line if isinstance(line, dict) else Problem(Reason.UNREADABLE, f"line {number} is no JSON object")


def write_line(line: Line | Problem, result: Result, stage: Stage | str, *, only: bool = False) -> bytes:
    """One line of output: the input's fields and the filter's own, or the error."""
    given: Line = {} if isinstance(line, Problem) else line
    if isinstance(result, Problem):
        return msgspec.json.encode({"id": given.get("id"), "error": _told(result, stage)}) + b"\n"
    base = {"id": given.get("id")} if only else given
    return msgspec.json.encode({**base, **result}) + b"\n"


def _told(problem: Problem, stage: Stage | str) -> dict[str, str]:
    return {"stage": str(stage), "reason": str(problem.reason), "message": problem.message}


def each(
    stream: Iterable[bytes], process: Callable[[Line], Result], stage: Stage | str, *, only: bool = False
) -> Iterator[bytes]:
    """Runs `process` on each line of a stream."""
    for line in read_lines(stream):
        if isinstance(line, dict) and "error" in line:
            yield msgspec.json.encode(line) + b"\n"
            continue
        result = line if isinstance(line, Problem) else _guarded(process, line)
        yield write_line(line, result, stage, only=only)


def _guarded(process: Callable[[Line], Result], line: Line) -> Result:
    try:
        return process(line)
    except Exception as error:  # one line must not end the run
        return Problem(Reason.STAGE_ERROR, f"{type(error).__name__}: {error}"[:500])


def text_of(line: Line, name: str) -> str | None:
    """A text field of a line.

    Raises:
        TypeError: It is there and is no text.
    """
    value = line.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"field {name!r} is {type(value).__name__}, not text")
    return value


def date_of(line: Line, name: str) -> date | None:
    """A date field of a line, given as ISO 8601 date or time.

    Raises:
        ValueError: It is neither.
    """
    value = text_of(line, name)
    try:
        return datetime.fromisoformat(value).date() if value else None
    except ValueError as error:
        raise ValueError(f"field {name!r} is no ISO 8601 date: {value!r}; correct it or leave it out") from error


def missing(*names: str) -> Problem:
    """The problem of a line without the fields that are needed."""
    return Problem(Reason.EMPTY, f"the line has no {' or '.join(repr(n) for n in names)}")


# -- parse


def parse_files(paths: Iterable[Path], base_url: str | None) -> Iterator[bytes]:
    """One line per entry of each feed file, and one per file or entry that cannot be used."""
    from transforms.feeds.parse import parse_feed

    for path in paths:
        line: Line = {"id": str(path)}
        try:
            body = path.read_bytes()
        except OSError as error:
            yield write_line(line, Problem(Reason.UNREADABLE, f"{path}: {error.strerror}"), Stage.PARSE)
            continue
        url = base_url or path.resolve().as_uri()
        parsed = parse_feed(body, feed=Feed(url=url, source="local"), base_url=url, headers={})
        if isinstance(parsed, Problem):
            yield write_line(line, parsed, Stage.PARSE)
            continue
        for entry in parsed.entries:
            yield write_line({"id": entry.key, "file": str(path)}, _entry_fields(entry), Stage.PARSE)
        for entry, problem in parsed.rejected:  # what it says is told too: a person may want to see why
            read = {"id": entry.key, "file": str(path), **_entry_fields(entry)}
            yield write_line(read, {"error": _told(problem, Stage.PARSE)}, Stage.PARSE)


def _entry_fields(entry: FeedEntry) -> Mapping[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(entry)
    return {k: v for k, v in fields.items() if k not in ("key", "attempt", "source", "family")}


# -- fetch


def fetch_lines(
    stream: Iterable[bytes], ask: Callable[[str], Future[Any]], *, only: bool = False
) -> Iterator[tuple[bytes, bool]]:
    """Fetches the `url` of each line; many are under way at once, results come out in the order of the lines.

    Yields:
        The line, and whether it holds a page.
    """
    waiting: deque[tuple[Line | Problem, Future[Any] | Problem | None]] = deque()
    for line in read_lines(stream):
        waiting.append((line, _asked(line, ask)))
        if len(waiting) >= _AT_ONCE:
            yield _fetched(*waiting.popleft(), only=only)
    while waiting:
        yield _fetched(*waiting.popleft(), only=only)


def _asked(line: Line | Problem, ask: Callable[[str], Future[Any]]) -> Future[Any] | Problem | None:
    if isinstance(line, Problem):
        return line
    if "error" in line:
        return None
    url = line.get("url")
    return ask(url) if isinstance(url, str) and url else missing("url")


def _fetched(line: Line | Problem, asked: Future[Any] | Problem | None, *, only: bool) -> tuple[bytes, bool]:
    if asked is None:
        return msgspec.json.encode(line) + b"\n", False
    result = asked if isinstance(asked, Problem) else _page_fields(asked.result())
    return write_line(line, result, Stage.FETCH, only=only), not isinstance(result, Problem)


def _page_fields(answer: Any) -> Result:
    from transforms.articles.charset import decode
    from transforms.pages.page import page_from_response

    if isinstance(answer, Problem):
        return answer
    page = page_from_response(FeedEntry(key="", source="", url=answer.url), answer)
    if isinstance(page, Problem):
        return page
    decoded = decode(page.body, page.charset, markup=True)
    if isinstance(decoded, Problem):
        return decoded
    return {
        "html": decoded.text,
        "final_url": page.final_url,
        "status": page.status,
        "media_type": page.media_type,
        "fetched_at": page.fetched_at,
    }


# -- extract


def extractor(clock: Clock) -> Callable[[Line], Result]:
    """Extracts the article of a line's `html`, of the file at its `html_path`, or of its plain `text_path`."""
    from transforms.articles.extract import extract_page

    def process(line: Line) -> Result:
        page = _page_of_line(line, clock())
        found = extract_page(page) if isinstance(page, Page) else page
        return found if isinstance(found, Problem) else msgspec.to_builtins(found)

    return process


def _page_of_line(line: Line, now: datetime) -> Page | Problem:
    html = text_of(line, "html")
    path = text_of(line, "html_path")
    url = text_of(line, "url")
    if html is not None:
        body, charset = html.encode("utf-8", "surrogatepass"), "utf-8"
    elif path is not None:
        try:
            body, charset = Path(path).read_bytes(), None
        except OSError as error:
            return Problem(Reason.UNREADABLE, f"{path}: {error.strerror}")
    else:
        return missing("html", "html_path")
    media_type = "text/plain" if path is not None and path.endswith(".txt") else "text/html"
    entry = FeedEntry(key=str(line.get("id")), source="local", url=url)
    return Page(entry, url or "", body, media_type, charset, None, now)


# -- tag


def tagger(packs: tuple[Path, ...] | None, *, unnamed: bool = False) -> Callable[[Line], Result]:
    """Tags a line's `title` and `text` with places, actors (also those without a name if `unnamed`) and regions."""
    from transforms.tags.tagger import Tagger

    shared = Tagger.load(packs)

    def process(line: Line) -> Result:
        tags = _tags(shared, line, unnamed)
        if tags is None:
            return missing("text")
        fields: Mapping[str, Any] = msgspec.to_builtins(tags)
        return fields

    return process


def _tags(tagger: Tagger, line: Line, unnamed: bool) -> Tags | None:
    text = text_of(line, "text")
    if text is None:
        return None
    return tagger.tag(
        text_of(line, "title"),
        text,
        language=text_of(line, "language"),
        published=date_of(line, "published_at"),
        source=text_of(line, "source"),
        unnamed=unnamed,
    )


def explained(
    stream: Iterable[bytes], packs: tuple[Path, ...] | None, form: str, *, unnamed: bool = False
) -> Iterator[bytes]:
    """The tags of each line for a person, as `text` or as one `html` page; a line without a text says what it lacks."""
    from transforms.tags.explain import Explained, explain_html, explain_text, html_foot, html_head
    from transforms.tags.tagger import Tagger

    shared = Tagger.load(packs)
    page = form == "html"

    def process(line: Line) -> Result:
        tags = _tags(shared, line, unnamed)
        if tags is None:
            return missing("text")
        name = str(line.get("id") or line.get("url") or "text")
        document = Explained(name, text_of(line, "title"), line["text"], tags)
        return {"told": explain_html(document) if page else explain_text(document)}

    if page:
        yield html_head().encode()
    for line in read_lines(stream):
        result = line if isinstance(line, Problem) else _guarded(process, line)
        if isinstance(result, Problem):
            about = f"{line['id']}: " if isinstance(line, dict) and line.get("id") is not None else ""
            told = f"== {about}{result.reason}: {result.message}"
            told = f"<p>{escape(told)}</p>\n" if page else f"{told}\n"
        else:
            told = result["told"]
        yield told.encode("utf-8", "replace")
    if page:
        yield html_foot().encode()


# -- cluster


def cluster_lines(stream: Iterable[bytes], *, only: bool = False) -> Iterator[bytes]:
    """Groups near-duplicates among all lines, in the order of the lines; reads the whole input first."""
    from transforms.stories.cluster import cluster

    lines = list(read_lines(stream))
    usable = {n: line for n, line in enumerate(lines) if isinstance(line, dict) and _is_document(line)}
    found = cluster((str(n), text_of(d, "title"), d["text"], d.get("source"), _time_of(d)) for n, d in usable.items())
    stories = {int(number): (story, twin) for number, story, twin in found}
    ids = {n: line.get("id") for n, line in usable.items()}
    for n, line in enumerate(lines):
        if isinstance(line, dict) and "error" in line:
            yield msgspec.json.encode(line) + b"\n"
        elif n in stories:
            story, twin = stories[n]
            result = {"story_id": story, "near_duplicate_of": ids[int(twin)] if twin is not None else None}
            yield write_line(line, result, "stories", only=only)
        else:
            yield write_line(line, line if isinstance(line, Problem) else missing("text"), "stories", only=only)


def _is_document(line: Line) -> bool:
    return (
        "error" not in line and isinstance(line.get("text"), str) and isinstance(line.get("title"), (str, type(None)))
    )


def _time_of(line: Line) -> datetime | None:
    value = line.get("published_at")
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
