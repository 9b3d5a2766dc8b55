"""One dataset: its tables, their Delta logs, and the files that explain it to a reader who has never heard of us."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.fs as pafs
from deltalake import DeltaTable, Schema
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, CommitProperties

from schemas.codebook import codebook
from schemas.tables import PARTITION, TABLES, Table, to_arrow
from schemas.versions import SCHEMA_VERSION, pipeline_version
from schemas.views import bare_sources, views_sql
from transforms.storage.evolve import widen
from transforms.storage.files import DataFile, write_file
from transforms.storage.history import NoSuchPast, version_at


class DatasetError(Exception):
    """The folder cannot be used as a dataset; the message says why and what to do."""


@dataclass(frozen=True)
class Dataset:
    """A dataset at `root`: a local folder, or a URI that pyarrow and deltalake both know (s3://, gs://)."""

    root: str

    @cached_property
    def _place(self) -> tuple[pafs.FileSystem, str]:
        if "://" in self.root:
            filesystem, path = pafs.FileSystem.from_uri(self.root)
            return filesystem, path
        return pafs.LocalFileSystem(), str(Path(self.root).resolve())

    def table_uri(self, table: Table) -> str:
        """Address of a table as deltalake takes it."""
        if "://" in self.root:
            return f"{self.root.rstrip('/')}/{table.name}"
        return str(Path(self.root).resolve() / table.name)

    def exists(self) -> bool:
        """True where a dataset has been created."""
        filesystem, path = self._place
        return bool(filesystem.get_file_info(f"{path}/dataset.json").type == pafs.FileType.File)

    def create(self, now: datetime) -> None:
        """Makes the tables and the explaining files; a table that is there only gains the columns that it lacks.

        Every table starts, and every version of its columns, with one file without rows, so that bare readers find the
        schema from the first moment.

        Raises:
            DatasetError: The folder holds other things, or may not be written.
        """
        filesystem, path = self._place
        if not self.exists():
            self._refuse_foreign_folder(filesystem, path)
        try:
            filesystem.create_dir(path, recursive=True)
            for table in TABLES.values():
                if not DeltaTable.is_deltatable(self.table_uri(table)):
                    DeltaTable.create(
                        self.table_uri(table),
                        Schema.from_arrow(table.log_schema),
                        mode="ignore",
                        partition_by=[PARTITION],
                        name=table.name,
                        description=table.doc,
                    )
                elif not widen(self.log(table), table):
                    continue
                self.commit_data(table, table.schema.empty_table(), now.astimezone(UTC).date())
            self._explain(filesystem, path, now)
        except OSError as error:
            raise DatasetError(
                f"cannot write to {self.root}: {error}. Choose another --output or mend its rights."
            ) from error

    def _refuse_foreign_folder(self, filesystem: pafs.FileSystem, path: str) -> None:
        info = filesystem.get_file_info(path)
        if info.type == pafs.FileType.File:
            raise DatasetError(f"{self.root} is a file, not a folder. Choose another --output.")
        if info.type == pafs.FileType.Directory:
            ours = {*TABLES, "_state", "README.md", "views.sql"}
            found = {Path(i.path).name for i in filesystem.get_file_info(pafs.FileSelector(path))}
            if foreign := sorted(found - ours):
                raise DatasetError(
                    f"{self.root} is not empty and is no newsbeam dataset (it holds {foreign[0]!r})."
                    " Choose an empty or new folder for --output."
                )

    def _explain(self, filesystem: pafs.FileSystem, path: str, now: datetime) -> None:
        about = {
            "made_by": "newsbeam",
            "pipeline_version": pipeline_version(),
            "schema_version": SCHEMA_VERSION,
            "tables": list(TABLES),
            "partition": PARTITION,
            "updated_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        }
        for name, text in (
            ("README.md", codebook()),
            ("views.sql", views_sql(bare_sources())),
            ("dataset.json", json.dumps(about, indent=2) + "\n"),
        ):
            with filesystem.open_output_stream(f"{path}/{name}") as out:
                out.write(text.encode())

    def commit(self, table: Table, rows: Sequence[object]) -> list[DataFile]:
        """Writes rows as one file per ingest date and adds the files to the log in one commit.

        The same rows give the same files, and a file that the log holds already is added again without effect.

        Returns:
            The files, in the order of their dates; none where there are no rows.

        Raises:
            OSError: The store refused a file.
            deltalake.exceptions.DeltaError: The log could not be committed.
        """
        by_day: dict[date, list[object]] = {}
        for row in rows:
            moment: datetime = getattr(row, table.dated_by)
            by_day.setdefault(moment.astimezone(UTC).date(), []).append(row)
        filesystem, path = self._place
        files = [
            write_file(filesystem, f"{path}/{table.name}", table, to_arrow(table, by_day[day]), day)
            for day in sorted(by_day)
        ]
        self._add(table, files)
        return files

    def commit_data(self, table: Table, data: pa.Table, day: date) -> None:
        """Writes Arrow rows of one ingest date, which may be none, and adds the file to the log."""
        filesystem, path = self._place
        self._add(table, [write_file(filesystem, f"{path}/{table.name}", table, data, day)])

    def _add(self, table: Table, files: Sequence[DataFile]) -> None:
        if not files:
            return
        log = self.log(table)
        log.create_write_transaction(
            [
                AddAction(
                    path=f.path,
                    size=f.size,
                    partition_values={PARTITION: f.ingest_date.isoformat()},
                    modification_time=0,
                    data_change=True,
                    stats=f.statistics,
                )
                for f in files
            ],
            mode="append",
            schema=log.schema(),
            partition_by=[PARTITION],
            commit_properties=CommitProperties(
                custom_metadata={"pipeline_version": pipeline_version(), "schema_version": SCHEMA_VERSION},
                max_commit_retries=50,
            ),
        )

    def log(self, table: Table, as_of: datetime | None = None) -> DeltaTable:
        """The Delta log of a table, as it is or as it was at a moment.

        Raises:
            DatasetError: There is no such table here, or its log does not reach back to the moment.
        """
        try:
            log = DeltaTable(self.table_uri(table))
        except TableNotFoundError as error:
            raise DatasetError(f"{self.root} is no newsbeam dataset: it has no table {table.name}.") from error
        if as_of is None:
            return log
        try:
            log.load_as_version(version_at(log, as_of))
        except NoSuchPast as past:
            raise DatasetError(
                f"{self.root} as of {_told(as_of)}: the log of the table {table.name} begins at"
                f" {_told(past.earliest)}. Ask for a later moment."
            ) from past
        return log

    def file_uris(self, table: Table, log: DeltaTable | None = None) -> list[str]:
        """Addresses of the files that the log holds now, or as it was loaded; local ones are plain paths."""
        uris = sorted((log or self.log(table)).file_uris())
        return uris if "://" in self.root else [unquote(uri) for uri in uris]

    def scan(self, table: Table, columns: Sequence[str], since: datetime, column: str) -> Iterator[dict[str, Any]]:
        """Rows whose time in `column` is at or after `since`, as dicts of `columns`; a few at a time.

        Only partitions that can hold such rows are read: `column` is never before the partition's day.
        """
        day = since.astimezone(UTC).date()
        dataset = self.log(table).to_pyarrow_dataset()
        wanted = (pads.field(PARTITION) >= pa.scalar(day)) & (
            pads.field(column) >= pa.scalar(since, type=pa.timestamp("us", tz="UTC"))
        )
        for batch in dataset.to_batches(columns=list(columns), filter=wanted, batch_size=1_000):
            yield from batch.to_pylist()


def _told(moment: datetime) -> str:
    """A moment as an option takes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
