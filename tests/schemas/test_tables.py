"""The contract: dataclasses, Arrow schemas, codebook and views stay in step."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass

import pyarrow as pa
import pytest

from schemas.arrays import array_of
from schemas.codebook import codebook, type_name
from schemas.outcomes import REASONS, Reason
from schemas.records import Article, CountryScore
from schemas.tables import ARTICLES, PARTITION, TABLES, from_plain, to_arrow
from schemas.views import VIEWS, bare_sources
from tests.factories import article


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_columns_are_the_fields_of_the_record(table):
    assert [c.name for c in table.columns] == [f.name for f in fields(table.record)]
    assert table.dated_by in table.schema.names
    assert set(table.sort_by) <= set(table.schema.names)
    assert PARTITION not in table.schema.names
    assert all(c.doc for c in table.columns)


def test_rows_come_back_as_they_went():
    row = article()
    back = to_arrow(ARTICLES, [row]).to_pylist()[0]
    restored = from_plain(Article, back)
    assert restored.text == row.text
    assert restored.actors[0].mentions == row.actors[0].mentions
    assert restored.published_at == row.published_at
    assert restored.places[0].surface == "Ishkashim"
    assert restored.authors == ("Ana Example",)


def test_a_column_of_records_is_what_pyarrow_makes_of_their_dicts():
    rows = [article(), article(places=(), actors=article().actors * 3, title=None, authors=("A", "B"))]
    for field in ARTICLES.schema:
        values = [getattr(row, field.name) for row in rows]
        plain = [
            [asdict(v) if is_dataclass(v) else v for v in value] if isinstance(value, tuple) else value
            for value in values
        ]
        made = array_of(values, field.type)
        made.validate(full=True)
        assert made.equals(pa.array(plain, field.type)), field.name


def test_an_absent_list_is_null_and_a_wrong_type_is_refused():
    kind = pa.list_(pa.struct([("country", pa.string()), ("score", pa.float64())]))
    made = array_of([None, (), (CountryScore("TJ", 1.0),)], kind)
    assert made.to_pylist() == [None, [], [{"country": "TJ", "score": 1.0}]]
    with pytest.raises(pa.ArrowException):
        array_of([1], pa.string())


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


def test_bare_sources_leave_the_logs_checkpoints_alone():
    assert all("**" not in source and "ingest_date=*" in source for source in bare_sources().values())
