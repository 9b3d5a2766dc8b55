"""The contract: dataclasses, Arrow schemas, codebook and views stay in step."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from schemas.codebook import codebook, type_name
from schemas.outcomes import REASONS, Reason
from schemas.records import Article
from schemas.tables import ARTICLES, PARTITION, TABLES, from_plain, to_arrow
from schemas.views import VIEWS, bare_sources, views_sql
from tests.factories import NOON, article, failure, poll

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_columns_are_the_fields_of_the_record(table):
    assert [c.name for c in table.columns] == [f.name for f in fields(table.record)]
    assert table.dated_by in table.schema.names
    assert set(table.sort_by) <= set(table.schema.names)
    assert PARTITION not in table.schema.names
    assert all(c.doc for c in table.columns)


# Names and types of schema version 1. A column may be added to the end of a list like this one, with a new version;
# a change of any other kind breaks datasets that people hold.
ARTICLES_1 = [
    "row_id",
    "article_id",
    "url",
    "canonical_url",
    "source",
    "feed_url",
    "guid",
    "title",
    "authors",
    "language",
    "section",
    "lead",
    "text",
    "image_url",
    "published_at",
    "published_raw",
    "published_offset_min",
    "published_date",
    "published_precision",
    "published_from",
    "fetched_at",
    "processed_at",
    "word_count",
    "content_hash",
    "places",
    "actors",
    "quotes",
    "links",
    "countries",
    "regions",
    "region",
    "story_id",
    "near_duplicate_of",
    "supersedes",
    "wire_origin",
    "publisher_family",
    "extractor",
    "archive_ref",
    "pack_version",
    "pipeline_version",
    "schema_version",
]


def test_no_column_of_version_1_is_gone():
    assert [name for name in ARTICLES_1 if name not in ARTICLES.schema.names] == []


def test_rows_come_back_as_they_went():
    row = article()
    back = to_arrow(ARTICLES, [row]).to_pylist()[0]
    restored = from_plain(Article, back)
    assert restored.text == row.text
    assert restored.actors[0].mentions == row.actors[0].mentions
    assert restored.published_at == row.published_at
    assert restored.places[0].surface == "Ishkashim"
    assert restored.authors == ("Ana Example",)


def test_rows_are_sorted_for_pruning():
    rows = [article(f"https://example.org/{i}", region=region) for i, region in enumerate("cab")]
    assert to_arrow(ARTICLES, rows).column("region").to_pylist() == ["a", "b", "c"]


def test_every_reason_is_explained():
    assert set(REASONS) == set(Reason)


def test_the_codebook_names_every_column_view_and_reason():
    text = codebook()
    for table in TABLES.values():
        assert f"## Table `{table.name}`" in text
        for column in table.columns:
            assert f"| `{column.name}` | {type_name(column.type)}" in text
    assert all(f"| `{view}` |" in text for view in VIEWS)
    assert all(f"| `{reason}` |" in text for reason in Reason)


def test_the_codebook_in_docs_is_the_rendered_one():
    committed = (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8")
    assert committed == codebook(), "run `make docs`"


def test_views_run_on_rows_of_every_table():
    connection = duckdb.connect()
    rows = {
        "articles": [article(), article(processed_at=article().processed_at.replace(hour=13))],
        "failures": [failure()],
        "polls": [poll()],
    }
    sources = {}
    for name, table in TABLES.items():
        data = to_arrow(table, rows.get(name, []))
        data = data.append_column(PARTITION, pa.array([article().fetched_at.date()] * len(data), pa.date32()))
        connection.register(f"raw_{name}", data)
        sources[name] = f"raw_{name}"
    connection.execute(views_sql(sources))
    assert connection.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    assert connection.execute("SELECT articles, independent_publishers, actors FROM stories").fetchall() == [
        (1, 1, ["Guards"])
    ]
    evidence = connection.execute("SELECT tag, surface, evidence FROM mentions ORDER BY tag").fetchall()
    assert evidence[0][:2] == ("actor", "Guards")
    assert evidence[1] == ("place", "Ishkashim", "A meeting\n\nGuards met at Ishkashim.")
    for view in VIEWS:
        connection.execute(f"SELECT * FROM {view}").fetchall()


def test_a_row_that_only_repeats_the_content_is_no_revision():
    hours = [(0, "a"), (1, "a"), (2, "b"), (3, "a"), (4, "a")]
    made = [article(text=text, fetched_at=NOON + timedelta(hours=hour)) for hour, text in hours]
    data = to_arrow(ARTICLES, made)
    data = data.append_column(PARTITION, pa.array([NOON.date()] * len(data), pa.date32()))
    connection = duckdb.connect()
    connection.register("raw", data)
    connection.execute(f"CREATE VIEW articles AS {VIEWS['articles'][1].replace('{articles}', 'raw')}")
    found = connection.execute("SELECT hour(fetched_at AT TIME ZONE 'UTC') - 12, text FROM articles ORDER BY 1")
    assert found.fetchall() == [(0, "a"), (2, "b"), (3, "a")]


def test_bare_sources_leave_the_logs_checkpoints_alone():
    assert all("**" not in source and "ingest_date=*" in source for source in bare_sources().values())
