"""One dataset: its tables, their Delta logs, and the files that explain it to a reader who has never heard of us."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
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
from deltalake.exceptions import DeltaError, TableNotFoundError

from schemas.codebook import codebook
from schemas.tables import PARTITION, TABLES, Table, to_arrow
from schemas.versions import SCHEMA_VERSION, pipeline_version
from schemas.views import bare_crowded, bare_sources, views_sql
from transforms.storage.evolve import is_mixed, widen
from transforms.storage.files import DataFile, write_file
from transforms.storage.history import NoSuchPast, version_at
from transforms.storage.log import CONFIGURATION, add_files, paths_that_reach
from transforms.storage.mend import is_empty_entry, mend, torn_entry
from transforms.storage.place import Place, PlaceError, open_place
from transforms.storage.repeats import without_repeats


class DatasetError(Exception):
    """The folder cannot be used as a dataset; the message says why and what to do."""


class CannotWrite(DatasetError):
    """The disk or the store refused to take rows; the message says why and what to do."""


@dataclass(frozen=True)
class Dataset:
    """A dataset at `root`: a local folder, `s3://bucket/prefix` or `gs://bucket/prefix`."""

    root: str

    @cached_property
    def place(self) -> Place:
        """Where it is.

        Raises:
            DatasetError: The address is of no kind that can be used.
        """
        try:
            return open_place(self.root)
        except PlaceError as error:
            raise DatasetError(str(error)) from error

    @property
    def is_local(self) -> bool:
        """True on a disk of this machine."""
        return self.place.is_local

    def folder(self, table: Table) -> str:
        """Folder of a table in the place's filesystem."""
        return f"{self.place.path}/{table.name}"

    def table_uri(self, table: Table) -> str:
        """Address of a table as deltalake takes it."""
        return f"{self.place.uri}/{table.name}"

    def exists(self) -> bool:
        """True where a dataset has been created.

        Raises:
            DatasetError: The disk or the store does not answer.
        """
        try:
            info = self.place.filesystem.get_file_info(f"{self.place.path}/dataset.json")
        except OSError as error:
            raise DatasetError(f"{self.root} cannot be read: {one_line(error)}.") from error
        return bool(info.type == pafs.FileType.File)

    def create(self, now: datetime) -> None:
        """Makes the tables and the explaining files; a table that is there only gains the columns that it lacks.

        Every table starts, and every version of its columns, with one file without rows, so that bare readers find the
        schema from the first moment.

        Raises:
            DatasetError: The folder holds other things, or may not be written.
        """
        filesystem, path = self.place.filesystem, self.place.path
        complete = self.exists()  # dataset.json is written last
        if not complete:
            self._refuse_foreign_folder(filesystem, path)
        try:
            if self.is_local:  # a store has no folders, and a marker for one would be a file to some readers
                filesystem.create_dir(path, recursive=True)
            for table in TABLES.values():
                self._create_table(table, now, complete)
            self._explain(filesystem, path, now)
        except OSError as error:
            raise DatasetError(
                f"cannot write to {self.root}: {one_line(error)}. Choose another --output, free space there or mend its"
                " rights."
            ) from error

    def _create_table(self, table: Table, now: datetime, complete: bool) -> None:
        uri, options = self.table_uri(table), self.place.options
        self.mend(table)
        if not DeltaTable.is_deltatable(uri, options):
            DeltaTable.create(
                uri,
                Schema.from_arrow(table.log_schema),
                mode="ignore",
                partition_by=[PARTITION],
                name=table.name,
                description=table.doc,
                configuration=CONFIGURATION,
                storage_options=options,
            )
        elif not widen(self.log(table), table) and (complete or self.file_uris(table)):
            return
        self._commit(table, {table.partition_at(now): table.schema.empty_table()})

    def _refuse_foreign_folder(self, filesystem: pafs.FileSystem, path: str) -> None:
        info = filesystem.get_file_info(path)
        if info.type == pafs.FileType.File:
            raise DatasetError(f"{self.root} is a file, not a folder. Choose another --output.")
        if info.type == pafs.FileType.Directory:
            ours = {*TABLES, "_state", "_archive", "README.md", "views.sql"}
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
            ("views.sql", views_sql(bare_sources(mixed=self._mixed()), bare_crowded())),
            ("dataset.json", json.dumps(about, indent=2) + "\n"),
        ):
            with filesystem.open_output_stream(f"{path}/{name}") as out:
                out.write(text.encode())

    def _mixed(self) -> list[str]:
        """Names of the tables that an earlier version of newsbeam wrote too, so that columns differ."""
        return [table.name for table in TABLES.values() if is_mixed(self.log(table))]

    def commit(self, table: Table, rows: Sequence[object]) -> list[DataFile]:
        """Writes rows as one file per partition and adds the files to the log in one commit.

        A row that only repeats another one of them is left out, as the views would leave it out.
        The same rows give the same files, and a file that the log holds already is added again without effect.

        Returns:
            The files, in the order of their partitions; none where there are no rows.

        Raises:
            CannotWrite: The disk or the store refused a file or the log's entry.
        """
        by_partition: dict[date, list[object]] = {}
        for row in rows:
            by_partition.setdefault(table.partition_at(getattr(row, table.dated_by)), []).append(row)
        parts = {day: without_repeats(table, to_arrow(table, by_partition[day]), day) for day in sorted(by_partition)}
        try:
            return self._commit(table, parts)
        except (OSError, DeltaError) as error:
            raise CannotWrite(
                f"{self.folder(table)} cannot be written: {one_line(error)}. Nothing is lost: free space, mend the"
                " rights or the store, and start the same command again."
            ) from error

    def _commit(self, table: Table, parts: Mapping[date, pa.Table]) -> list[DataFile]:
        if not parts:
            return []
        files = self._write(table, parts)
        add_files(self.log(table), files)
        # Rows that were written before, and compacted away more than the retention ago, have the name of a file that a
        # vacuum may have been about to delete.
        if lost := [file.ingest_date for file in files if not self._holds(table, file)]:
            self._write(table, {day: parts[day] for day in lost})
        return files

    def _write(self, table: Table, parts: Mapping[date, pa.Table]) -> list[DataFile]:
        return [write_file(self.place.filesystem, self.folder(table), table, parts[day], day) for day in parts]

    def _holds(self, table: Table, file: DataFile) -> bool:
        info = self.place.filesystem.get_file_info(f"{self.folder(table)}/{file.path}")
        return bool(info.type == pafs.FileType.File)

    def mend(self, table: Table) -> bool:
        """Writes a torn last entry of a local table's log anew; False where there was none.

        Raises:
            OSError: The disk refused it.
        """
        return self.is_local and mend(Path(self.folder(table)), table)

    def log(self, table: Table, as_of: datetime | None = None) -> DeltaTable:
        """The Delta log of a table, as it is or as it was at a moment.

        Raises:
            DatasetError: There is no such table here, or its log does not reach back to the moment.
        """
        try:
            log = DeltaTable(self.table_uri(table), storage_options=self.place.options)
        except TableNotFoundError as error:
            raise DatasetError(f"{self.root} is no newsbeam dataset: it has no table {table.name}.") from error
        except (DeltaError, OSError) as error:
            self._refuse_torn(table)
            raise DatasetError(
                f"{self.root}: the log of the table {table.name} cannot be read: {one_line(error)}"
            ) from error
        if self.is_local and is_empty_entry(Path(self.folder(table)), log.version()):
            self._refuse_torn(table)  # deltalake takes an empty entry for one that says nothing
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

    def _refuse_torn(self, table: Table) -> None:
        if self.is_local and (torn := torn_entry(Path(self.folder(table)))):
            raise DatasetError(
                f"{torn} is torn: the last entry of the log was not whole on the disk when the machine stopped."
                f" Nothing is lost: newsbeam compact {self.root} mends it, and so does the next newsbeam ingest."
            )

    def file_uris(self, table: Table, log: DeltaTable | None = None) -> list[str]:
        """Addresses of the files that the log holds now, or as it was loaded; local ones are plain paths."""
        uris = sorted((log or self.log(table)).file_uris())
        return [unquote(uri) for uri in uris] if self.is_local else uris

    def arrow(self, table: Table, log: DeltaTable | None = None) -> pads.Dataset:
        """The files that the log holds now, as an Arrow dataset with the log's statistics: readers skip what they can.

        They are read by pyarrow's own clients. Those that deltalake would give it call back into Python from threads,
        and a process that ended in the middle of a scan was killed by them.

        Raises:
            DatasetError: There is no such table here.
        """
        files = pafs.SubTreeFileSystem(self.folder(table), self.place.filesystem)
        return (log or self.log(table)).to_pyarrow_dataset(filesystem=files)

    def scan(self, table: Table, columns: Sequence[str], since: datetime, column: str) -> Iterator[dict[str, Any]]:
        """Rows whose time in `column` is at or after `since`, as dicts of `columns`; a few at a time.

        Only files that can hold such rows are opened, by the bounds that the log keeps: what a run costs does not grow
        with the files that lie there from earlier ones.
        """
        folder = self.folder(table)
        paths = [f"{folder}/{path}" for path in paths_that_reach(self.log(table), column, since)]
        if not paths:
            return
        dataset = pads.dataset(paths, schema=table.schema, format="parquet", filesystem=self.place.filesystem)
        wanted = pads.field(column) >= pa.scalar(since, type=pa.timestamp("us", tz="UTC"))
        for batch in dataset.to_batches(columns=list(columns), filter=wanted, batch_size=1_000):
            yield from batch.to_pylist()


def one_line(error: Exception) -> str:
    """An error's own words; deltalake's may go over many lines, in colours, and end in a trace of addresses.

    Of an answer of a store in XML there remains what it says to a person.
    """
    words = re.split(r"\n\s*0: ", str(error), maxsplit=1)[0]
    words = re.sub(r"\x1b\[\d*m|↳", " ", words)
    words = re.sub(r"<\?xml.*?<Message>(.*?)</Message>.*", r"\1", words, flags=re.DOTALL)
    return " ".join(words.split()).rstrip(".")


def _told(moment: datetime) -> str:
    """A moment as an option takes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
