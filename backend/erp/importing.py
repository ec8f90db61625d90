"""Loads a folder of files into the embedded plant, whole or not at all."""

import logging
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

import polars as pl

from backend._connection_pool import add_concat, uses_embedded_plant
from backend.domain.clock import utc_now
from backend.domain.progress import ProgressReport
from backend.erp.embedded import replacing_plant, write_notes
from backend.erp.import_files import ENDINGS, CsvFormat, ImportSource, batches_of, find_sources, read_source
from backend.erp.item_rows import SAMPLE_ROWS, plan_attributes
from backend.erp.join_columns import join_columns
from backend.erp.profile import TABLES, ImportRules, PlantProfile, load_profile
from backend.erp.queries import check_columns
from backend.erp.similar_codes import similar_codes
from backend.errors import ImportFileError, ProfileError
from backend.settings import Settings, find_profile_dir

_OF_NO_ROWS: Final = re.compile(r"\b1\s*=\s*0\b")

logger = logging.getLogger(__name__)
_Frames: TypeAlias = dict[str, list[tuple[Path, pl.LazyFrame]]]


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import loaded and what the profile makes of it."""

    profile: str
    database: Path
    tables: dict[str, int]
    """Rows by table of the source."""
    counts: dict[str, int]
    """What the profile counts in the source, "work orders" first: all of them, with operations or not."""
    canonical_rows: dict[str, int]
    """Rows of items, routings and work-order operations that the profile's SQL gives, before quarantine."""
    work_orders_with_operations: int
    """Distinct work orders among the work-order operations; the others have nothing to learn from."""
    ignored_files: tuple[str, ...]
    """Files and sheets of the folder that the profile does not ask for."""
    inferred_attributes: dict[str, str]
    """What each column of items.sql that profile.yaml does not list is read as, and why."""


def import_folder(folder: Path, profile_name: str, settings: Settings, report: ProgressReport) -> ImportSummary:
    """Replace the embedded plant by the files of a folder, read by a profile from now on.

    Raises ImportFileError or ProfileError, and then the previous plant is untouched.
    """
    profile = load_profile(find_profile_dir(settings.root, profile_name))
    if profile.rules.import_ is None:
        raise ProfileError(profile.name, "profile.yaml has no import section", "docs/plant-profiles.md shows one")
    chosen, ignored = _choose(folder, profile.rules.import_)
    database = settings.plant_database_path
    with replacing_plant(database) as connection, TemporaryDirectory(prefix="routing-ml-import-") as scratch:
        csv = CsvFormat(profile.rules.import_.encoding, profile.rules.import_.decimal_comma)
        frames = {
            table: [(source.path, read_source(source, Path(scratch), csv)) for source in sources]
            for table, sources in chosen.items()
        }
        tables = _load_all(connection, frames, report)
        report(0.9, "indexing and counting")
        _make_indexes(connection, profile)
        _index_joins(connection, profile, list(tables))
        connection.execute("ANALYZE")
        summary = _summarise(connection, profile, database, tables, ignored)
        notes = {"profile": profile.name, "imported_at": f"{utc_now():%Y-%m-%dT%H:%M:%SZ}", "folder": folder.name}
        write_notes(connection, notes)
    if not uses_embedded_plant(settings):
        logger.warning("the import is not read while DATABASE_SERVER or DATABASE_URL is set in .env")
    logger.info("%s imported by profile %s; the embedded plant is read by it from now on", folder, profile.name)
    report(1.0, "imported")
    return summary


def _choose(folder: Path, rules: ImportRules) -> tuple[dict[str, list[ImportSource]], tuple[str, ...]]:
    """Return which sources make which table, and the names of those nobody asks for."""
    if not folder.is_dir():
        raise ImportFileError(str(folder), "it is not a folder", "Name the folder that holds the files")
    left = find_sources(folder)
    chosen = {}
    for table, wanted in rules.tables.items():
        patterns = [pattern.lower() for pattern in wanted.files]
        found = [source for source in left if any(fnmatchcase(source.name.lower(), pattern) for pattern in patterns)]
        if not found:
            names = " or ".join(wanted.files)
            raise ImportFileError(str(folder), f"no file for table {table}", f"Add {names} as {', '.join(ENDINGS)}")
        left = [source for source in left if source not in found]
        chosen[table] = found
    return chosen, tuple(source.name for source in left)


def _load_all(connection: sqlite3.Connection, frames_of: _Frames, report: ProgressReport) -> dict[str, int]:
    rows = dict.fromkeys(frames_of, 0)
    for index, (table, frames) in enumerate(frames_of.items()):
        report(0.9 * index / len(frames_of), f"loading {table}")
        name = _quoted(table.rpartition(".")[2])
        connection.execute(f"CREATE TABLE {name} ({_columns_of([frame for _, frame in frames])})")
        for path, frame in frames:
            for added in _append(connection, name, frame, path):
                rows[table] += added
                share = rows[table] / (rows[table] + 500_000)  # nobody knows how many will come
                report(0.9 * (index + share) / len(frames_of), f"loading {table}: {rows[table]:,} rows")
    return rows


def _append(connection: sqlite3.Connection, name: str, frame: pl.LazyFrame, path: Path) -> Iterator[int]:
    """Append one source to its table; yields the rows of each batch."""
    schema = frame.collect_schema()
    names, marks = ", ".join(map(_quoted, schema)), ", ".join("?" * len(schema))
    insert = f"INSERT INTO {name} ({names}) VALUES ({marks})"  # noqa: S608 - quoted names, bound values
    try:
        connection.execute("BEGIN")
        for batch in batches_of(frame, path):
            connection.executemany(insert, batch.iter_rows())
            yield len(batch)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise ImportFileError(str(path), str(error), f"Its columns must fit table {name}") from error


def _columns_of(frames: Sequence[pl.LazyFrame]) -> str:
    """Declare the columns of one table; numbers only where every file has numbers.

    SQLite would turn the code 00123 of one file into 123 if another file made the column a number.
    """
    kinds: dict[str, set[str]] = {}
    for frame in frames:
        for column, dtype in frame.collect_schema().items():
            kinds.setdefault(column, set()).add(_sqlite_type(dtype))
    declared = {column: found.pop() if len(found) == 1 else "TEXT" for column, found in kinds.items()}
    return ", ".join(f"{_quoted(column)} {kind}" for column, kind in declared.items())


def _make_indexes(connection: sqlite3.Connection, profile: PlantProfile) -> None:
    for rule in profile.rules.indexes:
        columns = ", ".join(f"[{column}]" for column in rule.columns)  # in "" SQLite takes an unknown name as a text
        table = _quoted(rule.table.rpartition(".")[2])
        try:
            connection.execute(f"CREATE INDEX {_quoted(rule.name)} ON {table} ({columns})")
        except sqlite3.Error as error:
            raise ProfileError(profile.name, f"index {rule.name}: {error}", "Correct it in profile.yaml") from error


def _index_joins(connection: sqlite3.Connection, profile: PlantProfile, tables: Sequence[str]) -> None:
    """Index what the SELECTs join by: without, SQLite may take hours for what takes seconds on a server."""
    wanted = join_columns(profile.sql.values())
    led = {
        (rule.table.rpartition(".")[2].lower(), rule.columns[0].lower()) for rule in profile.rules.indexes
    }  # those are there by now
    for name in (table.rpartition(".")[2] for table in tables):
        for column in [str(row[1]) for row in connection.execute(f"PRAGMA table_info({_quoted(name)})")]:
            if column.lower() in wanted and (name.lower(), column.lower()) not in led:
                index = _quoted(f"join_{name}_{column}")
                connection.execute(f"CREATE INDEX {index} ON {_quoted(name)} ({_quoted(column)})")


def _summarise(
    connection: sqlite3.Connection,
    profile: PlantProfile,
    database: Path,
    tables: dict[str, int],
    ignored: Sequence[str],
) -> ImportSummary:
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    with closing(sqlite3.connect(path)) as own:
        add_concat(own)
        for schema in profile.rules.schemas:
            own.execute(f"ATTACH DATABASE ? AS {_quoted(schema)}", (path,))
        rules = profile.rules.import_
        counts = {words: _number(own, profile, sql) for words, sql in (rules.counts if rules else {}).items()}
        rows = {table: _number(own, profile, f"SELECT COUNT(*) FROM ({profile.sql[table]}) AS t") for table in TABLES}  # noqa: S608
        _tell_empty(profile, rows)
        samples = {table: _sample(own, profile, table) for table in TABLES}
        for table, sample in samples.items():
            check_columns(profile, table, sample.columns)
        _warn_of_similar_codes(own, profile)
        plan = plan_attributes(profile, samples["items"].columns, samples["items"])
        with_operations = f"SELECT COUNT(DISTINCT work_order_code) FROM ({profile.sql['work_orders']}) AS t"  # noqa: S608
        made = _number(own, profile, with_operations)
        return ImportSummary(profile.name, database, tables, counts, rows, made, tuple(ignored), plan.inferred)


def _warn_of_similar_codes(connection: sqlite3.Connection, profile: PlantProfile) -> None:
    found = connection.execute(f"SELECT DISTINCT item_code FROM ({profile.sql['items']}) AS t")  # noqa: S608 - the profile's own SELECT
    codes = [None if code is None else str(code) for (code,) in found]
    if told := similar_codes(pl.Series(codes, dtype=pl.String)):
        logger.warning("%s", told)


def _tell_empty(profile: PlantProfile, rows: dict[str, int]) -> None:
    """Warn of SELECTs that find nothing; one of no rows that was meant so says 1 = 0."""
    for table, found in rows.items():
        if not found and not _OF_NO_ROWS.search(profile.sql[table]):
            logger.warning(
                "%s.sql gives no rows of the imported files. An empty cell arrives as NULL: "
                "write COALESCE(column, '') <> 'X', say, instead of column = ''",
                table,
            )


def _sample(connection: sqlite3.Connection, profile: PlantProfile, table: str) -> pl.DataFrame:
    """Return the first rows of a table as text, as they will be read; of operations only the columns."""
    found = connection.execute(f"SELECT * FROM ({profile.sql[table]}) AS t")  # noqa: S608 - the profile's own SELECT
    names = [column[0] for column in found.description]
    rows = found.fetchmany(SAMPLE_ROWS if table == "items" else 0)
    texts = [["" if value is None else str(value) for value in row] for row in rows]
    return pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row")


def _number(connection: sqlite3.Connection, profile: PlantProfile, sql: str) -> int:
    try:
        return int(connection.execute(sql).fetchone()[0])
    except sqlite3.Error as error:
        cause = f"its SQL does not fit the imported files: {error}"
        remedy = "Compare the files' tables and columns, and what SQLite knows, with the SQL"
        raise ProfileError(profile.name, cause, remedy) from error


def _sqlite_type(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "INTEGER"
    return "REAL" if dtype.is_float() else "TEXT"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
