"""The ready-made views over the tables, for DuckDB: rendered into views.sql and used by `newsbeam query`.

`views_sql(sources)` takes one SQL source per table, so that the same views stand on bare files (views.sql, which
needs nothing but DuckDB) and on the files that the Delta log names (`newsbeam query`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from schemas.outcomes import PollOutcome
from schemas.tables import ARTICLES, FAILURES, PARTITION, POLLS, STORY_LINKS, TABLES, Table

EVIDENCE_CHARS = 80
"""Characters of text shown on either side of a mention in the view `mentions`."""

AREAS = ("country", "macroregion")
"""Kinds of place that are no point: the middle of a country is not where something happened."""


def day_of(table: Table) -> str:
    """SQL of the UTC day of a row, whatever the session's time zone."""
    return f"CAST(make_timestamp(epoch_us({table.dated_by})) AS DATE)" if table.by_month else PARTITION


def once(table: Table, source: str, *, columns: str = "*", also_by: tuple[str, ...] = ()) -> str:
    """SQL of the rows of a source of which none repeats another; writer and compaction drop the others by it.

    Args:
        also_by: Terms of ORDER BY that decide between rows that are equal otherwise.
    """
    standing = (
        f"SELECT {columns} FROM {source}\nQUALIFY row_number() OVER (PARTITION BY"
        f" {', '.join((day_of(table), *table.same_row))} ORDER BY {', '.join((*table.prefer, *also_by))}) = 1"
    )
    if table.news is None:
        return standing
    thing, said = table.news
    return (
        f"SELECT * FROM (\n{standing})\nQUALIFY {said} IS DISTINCT FROM\n"
        f"  lag({said}) OVER (PARTITION BY {PARTITION}, {thing} ORDER BY {table.dated_by})"
    )


def key_of_article() -> str:
    """SQL of the key of the entry or document that a row of `articles` came from: `schemas.ids.key_of_article`."""
    entry = "concat_ws(chr(31), 'entry', feed_url, coalesce(guid, ''))"
    document = "concat_ws(chr(31), 'document', coalesce(nullif(guid, ''), url))"
    return f"left(sha256(CASE WHEN feed_url IS NULL THEN {document} ELSE {entry} END), 32)"


def _once(table: Table) -> str:
    day = f" REPLACE ({day_of(table)} AS {PARTITION})" if table.by_month else ""
    return once(table, f"{{{table.name}}}", columns=f"*{day}")


_FAILURES = f"""
SELECT f.*, coalesce(f.failed_at < later.moment, false)
  OR (f.archive_ref IS NOT NULL AND f.archive_ref IN (SELECT archive_ref FROM {{articles}} WHERE archive_ref IS NOT NULL)
      AND f.key NOT IN (SELECT row_id FROM {{articles}}))
  AS mended
FROM (
{_once(FAILURES)}) f
LEFT JOIN (
  SELECT key, max(moment) AS moment FROM (
    SELECT {key_of_article()} AS key, fetched_at AS moment FROM {{articles}}
    UNION ALL SELECT row_id, processed_at FROM {{articles}}
    UNION ALL SELECT feed_url, polled_at FROM {{polls}} WHERE outcome <> '{PollOutcome.FAILED}'
  ) GROUP BY ALL
) later ON later.key = f.key
"""

VIEWS: Mapping[str, tuple[str, str]] = {
    "articles": (
        "Every article and revision once: where a crash or a replay wrote a row again, the latest one stands;"
        " a row that says what the one before it said, as a stream restored from a checkpoint writes it, is left out.",
        f"""
WITH crowded AS ({{crowded}})
SELECT * FROM {{articles}} WHERE ingest_date NOT IN (FROM crowded)
UNION ALL
{once(ARTICLES, "(SELECT * FROM {articles} WHERE ingest_date IN (FROM crowded))")}
""",
    ),
    "articles_latest": (
        "The last revision of every article, with its number among the revisions. Reads the whole table.",
        """
SELECT *, count(*) OVER (PARTITION BY article_id) AS revision
FROM articles
QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY fetched_at DESC, row_id) = 1
""",
    ),
    "article_places": (
        "One row per article and place, with the number of mentions. A country or macro-region has no lat and lon here: its"
        " middle is not where something happened.",
        """
SELECT row_id, article_id, ingest_date, published_at, region, title,
       p.place_id, any_value(p.name) AS name, any_value(p.kind) AS kind, any_value(p.country) AS country,
       any_value(p.admin1) AS admin1, any_value(p.lat) FILTER (p.kind NOT IN {areas}) AS lat,
       any_value(p.lon) FILTER (p.kind NOT IN {areas}) AS lon,
       count(*) AS mentions, count(*) FILTER (p.use = 'literal') AS literal_mentions, max(p.score) AS score
FROM articles, unnest(places) AS u(p)
GROUP BY ALL
""",
    ),
    "article_actors": (
        "One row per article and actor, with the number of mentions.",
        """
SELECT row_id, article_id, ingest_date, published_at, region, title,
       a.actor_id, a.name, a.type, a.country, a.plover_country, a.plover_sectors, a.provisional,
       len(a.mentions) AS mentions, a.score
FROM articles, unnest(actors) AS u(a)
""",
    ),
    "mentions": (
        "One row per mention of a place or an actor, with the words around it as evidence.",
        """
WITH tagged AS (
  SELECT row_id, article_id, ingest_date, published_at, title, url, places, actors,
         CASE WHEN title IS NULL OR title = '' THEN text ELSE title || chr(10) || chr(10) || text END AS body
  FROM articles
), found AS (
  SELECT row_id, 'place' AS tag, p.place_id AS id, p.name AS name, p.use AS how, p.rule AS rule,
         p.start AS start_char, p."end" AS end_char, p.surface AS surface
  FROM tagged, unnest(places) AS u(p)
  UNION ALL
  SELECT row_id, 'actor', a.actor_id, a.name, m.match, CASE WHEN m.metonym THEN 'metonym' END, m.start, m."end", m.surface
  FROM tagged, unnest(actors) AS u(a), unnest(a.mentions) AS v(m)
)
SELECT t.row_id, t.article_id, t.ingest_date, t.published_at, t.title, t.url, f.tag, f.id, f.name, f.how, f.rule,
       f.start_char, f.end_char, f.surface,
       substring(t.body, greatest(f.start_char - {evidence}, 0) + 1,
                 f.end_char - f.start_char + {evidence} + least(f.start_char, {evidence})) AS evidence
FROM found f JOIN tagged t USING (row_id)
""",
    ),
    "stories": (
        "One row per story, with all stories that were joined to it later, directly or by way of others: when first seen,"
        " how many articles, how many independent publishers (a family counts once), and the origin: the agency credited, else the publisher first seen. A row without a story stands in none.",
        """
WITH RECURSIVE edges AS (
  SELECT story_id AS a, joined_story_id AS b FROM {story_links}
  UNION SELECT joined_story_id, story_id FROM {story_links}
), step(round, id, label) AS (
  SELECT 0, a, least(a, min(b)) FROM edges GROUP BY a
  UNION ALL (
    WITH hooked AS (
      SELECT id, min(label) AS label FROM (
        SELECT id, label FROM step
        UNION ALL SELECT e.b, l.label FROM edges e JOIN step l ON l.id = e.a
        UNION ALL SELECT n.label, l.label FROM edges e JOIN step l ON l.id = e.a JOIN step n ON n.id = e.b
      ) GROUP BY id
    ), jumped AS (
      SELECT s.round + 1 AS round, h.id, g.label, s.label AS before
      FROM hooked h JOIN hooked g ON g.id = h.label JOIN step s ON s.id = h.id
    )
    SELECT round, id, label FROM jumped WHERE (SELECT bool_or(label <> before) FROM jumped)
  )
), component AS (
  SELECT id, arg_max(label, round) AS label FROM step GROUP BY id
), stays AS (
  SELECT label, coalesce(min(id) FILTER (WHERE id NOT IN (SELECT joined_story_id FROM {story_links})), min(id)) AS root
  FROM component GROUP BY label
), joined AS (
  SELECT coalesce(root, story_id) AS story_id, a.* EXCLUDE (story_id)
  FROM articles a LEFT JOIN (SELECT id, root FROM component JOIN stays USING (label)) ON id = a.story_id
)
SELECT story_id, min(fetched_at) AS first_seen, min(published_at) AS first_published,
       count(DISTINCT article_id) AS articles, count(*) AS revisions,
       count(DISTINCT coalesce(publisher_family, source)) AS independent_publishers,
       arg_min(wire_origin, fetched_at) AS wire_origin,
       coalesce(arg_min(wire_origin, fetched_at), arg_min(source, fetched_at)) AS origin,
       arg_min(title, fetched_at) AS title,
       list_distinct(list(region)) AS regions,
       list_distinct(flatten(list(list_transform(actors, lambda x: x.name)))) AS actors
FROM joined WHERE story_id IS NOT NULL GROUP BY story_id
""",
    ),
    "failures": (
        "What could not be done, and why. What a stream restored from a checkpoint tells again is left out: a try of an entry"
        " fails for a reason once a day; every failed poll stands. mended: an article of the same entry was fetched later"
        " or was made of the same archived bytes; a later poll of the feed did not fail; the stored article was tagged later,"
        " or has the feed's own words in place of its page's (then key is its row_id).",
        _FAILURES,
    ),
    "polls": ("Every poll of every feed.", _once(POLLS)),
    "story_links": ("Later merges of stories.", _once(STORY_LINKS)),
}
"""Name -> (what it shows, its query). A name in braces is the table's source."""


def parquet_source(files: str, *, mixed: bool) -> str:
    """SQL that reads Parquet files with the partition as a date.

    Args:
        files: A quoted glob, or a list of quoted addresses in brackets.
        mixed: Whether files of several schema versions may be among them. DuckDB then opens every file before it reads
            the first, which took twice as long on 500 small files: hence only where it is needed.
    """
    by_name = ", union_by_name = true" if mixed else ""
    return f"read_parquet({files}, hive_partitioning = true, hive_types = {{'{PARTITION}': DATE}}{by_name})"


def bare_sources(folder: str = "", *, mixed: Collection[str] = ()) -> dict[str, str]:
    """Sources that read the Parquet files as they lie.

    Args:
        folder: What stands before the tables' names in paths; nothing where the dataset is the working folder.
        mixed: Tables with files of several schema versions.
    """
    return {name: parquet_source(_bare(folder, name), mixed=name in mixed) for name in TABLES}


def bare_crowded(folder: str = "") -> str:
    """SQL of the days of `articles` that may hold a row twice: those with several files, by the folder's listing alone."""
    day = f"CAST(regexp_extract(file, '{PARTITION}=([0-9-]+)', 1) AS DATE) AS {PARTITION}"
    return f"SELECT {day} FROM glob({_bare(folder, ARTICLES.name)}) GROUP BY ALL HAVING count(*) > 1"


def _bare(folder: str, name: str) -> str:
    before = folder.replace("'", "''")
    return f"'{before}{name}/{PARTITION}=*/*.parquet'"


def crowded_days(days: Iterable[date]) -> str:
    """The same where the days are known."""
    listed = ", ".join(f"DATE '{day}'" for day in sorted(days))
    return f"SELECT unnest(CAST([{listed}] AS DATE[])) AS {PARTITION}"


EVERY_DAY = f"SELECT DISTINCT {PARTITION} FROM {{articles}}"
"""The same where nothing is known of the files."""


def views_sql(sources: Mapping[str, str], crowded: str = EVERY_DAY) -> str:
    """SQL that creates all views (DuckDB's dialect), each after those that it builds on.

    Args:
        sources: For each table of schemas.tables its source: a table function call or a table's name.
        crowded: SQL of the days on which `articles` may hold a row twice. No file of ours repeats one of its own rows,
            so a day of one file is read as it lies: conditions of a query reach the files, which a search for repeats
            would keep them from.
    """
    parts = []
    for name, (doc, query) in VIEWS.items():
        body = query.strip().replace("{crowded}", crowded)
        for table, source in sources.items():
            body = body.replace("{" + table + "}", source)
        body = body.replace("{evidence}", str(EVIDENCE_CHARS)).replace("{areas}", str(AREAS))
        parts.append(f"-- {doc}\nCREATE OR REPLACE VIEW {name} AS\n{body};\n")
    return "\n".join(parts)
