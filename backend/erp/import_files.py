"""CSV, Parquet and XLSX files as Polars frames; CSV text in UTF-8, CP949 or the encoding that the profile names."""

import codecs
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
from polars.exceptions import PolarsError

from backend.errors import ImportFileError

ENDINGS: Final = (".csv", ".txt", ".parquet", ".xlsx")
_BATCH_ROWS: Final = 100_000
_SEPARATORS: Final = (",", ";", "\t", "|")
_DECIMAL_COMMA: Final = r"^\s*[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+\s*$"
_COMMA_OR_WHOLE: Final = r"^\s*([+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?\s*)?$"
"""A quoted empty cell is no reason to leave a column as it is."""
_GROUPED: Final = r"^\s*[+-]?\d{1,3}(\.\d{3})+\s*$"
_SHORT: Final = r"^\s*[+-]?\d{1,3}\s*$"
_MOSTLY_NUMBERS: Final = 0.5
"""A column with so many numbers is one of numbers, with remarks such as "unknown" among them."""
_GROUPED_OR_SHORT: Final = r"^\s*([+-]?\d{1,3}(\.\d{3})*\s*)?$"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """What a CSV file does not say of itself."""

    encoding: str | None = None
    """None: UTF-8, else CP949."""
    decimal_comma: bool = False


@dataclass(frozen=True, slots=True)
class ImportSource:
    """One table's worth of data: a file, or one sheet of a workbook."""

    name: str
    path: Path
    sheet: str | None = None


def find_sources(folder: Path) -> list[ImportSource]:
    """Return what a folder offers by name: files without ending, and sheets of workbooks with several."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.is_file())
    return [source for path in files for source in _sources_of(path)]


def read_source(source: ImportSource, scratch: Path, csv: CsvFormat) -> pl.LazyFrame:
    """Return the rows of one source; CSV columns are text unless every value is a plain integer.

    Integers are recognised only where they read back to the letter (no leading zeros), so codes stay
    as they are; decimals stay text, with a point for a decimal comma where the format says so. Files
    in other encodings are rewritten in UTF-8 below the scratch folder.
    """
    try:
        if source.path.suffix.lower() == ".parquet":
            return _plain(pl.scan_parquet(source.path))
        if source.path.suffix.lower() == ".xlsx":
            return _plain(pl.read_excel(source.path, sheet_name=source.sheet, engine="calamine").lazy())
        return _with_integers(_with_points(_scan_csv(source.path, scratch, csv.encoding), source.path, csv))
    except (PolarsError, OSError, ValueError) as error:
        raise _unreadable(source.path, error) from error


def batches_of(frame: pl.LazyFrame, path: Path) -> Iterator[pl.DataFrame]:
    """Yield the rows in batches that fit into memory."""
    try:
        yield from frame.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True)
    except PolarsError as error:
        raise _unreadable(path, error) from error


def _sources_of(path: Path) -> list[ImportSource]:
    if path.suffix.lower() != ".xlsx":
        return [ImportSource(path.stem, path)]
    sheets = _sheet_names(path)
    if len(sheets) == 1:
        return [ImportSource(path.stem, path, sheets[0])]
    return [ImportSource(sheet, path, sheet) for sheet in sheets]


def _sheet_names(path: Path) -> list[str]:
    import fastexcel  # noqa: PLC0415 - only who imports workbooks pays for it

    try:
        return list(fastexcel.read_excel(path).sheet_names)
    except (fastexcel.FastExcelError, OSError) as error:
        raise _unreadable(path, error) from error


def _scan_csv(path: Path, scratch: Path, encoding: str | None) -> pl.LazyFrame:
    readable = path
    if not (_is_utf8(path) if encoding is None else codecs.lookup(encoding).name == "utf-8"):
        readable = scratch / f"{path.stem}.utf8.csv"
        _rewrite(path, readable, encoding or "cp949")
    with readable.open(encoding="utf-8-sig") as file:
        header = file.readline()
    if not header.strip():
        raise ImportFileError(str(path), "it is empty", "Export it again with its header line")
    separator = max(_SEPARATORS, key=header.count)
    return _renamed(pl.scan_csv(readable, separator=separator, infer_schema=False, encoding="utf8"))


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _rewrite(path: Path, target: Path, encoding: str) -> None:
    try:
        with path.open(encoding=encoding, newline="") as source, target.open("w", encoding="utf-8", newline="") as copy:
            while block := source.read(1 << 20):
                copy.write(block)
    except UnicodeDecodeError as error:
        cause = f"its text is neither UTF-8 nor {encoding.upper()} (byte {error.start})"
        raise ImportFileError(
            str(path), cause, "Save it as UTF-8, or name its import.encoding in profile.yaml"
        ) from error
    logger.info("%s is read as %s; name import.encoding in profile.yaml if its words look wrong", path.name, encoding)


def _with_points(frame: pl.LazyFrame, path: Path, csv: CsvFormat) -> pl.LazyFrame:
    """Write 1.234,5 as 1234.5 in columns of such numbers, be there words among them; only say so where not asked."""
    names = frame.collect_schema().names()
    filled = pl.all().str.strip_chars().str.len_chars() > 0
    fits = pl.all().str.contains(_COMMA_OR_WHOLE)
    has_commas = pl.all().str.contains(_DECIMAL_COMMA).any()
    shares = (fits & filled).sum().truediv(filled.sum()).name.suffix("\0")
    facts: dict[str, Any] = frame.select(has_commas, shares).collect(engine="streaming").row(0, named=True)
    found = [name for name in names if facts[name] and facts[f"{name}\0"] == 1]
    mixed = [name for name in names if facts[name] and facts[f"{name}\0"] < 1]
    numbers = [name for name in mixed if facts[f"{name}\0"] >= _MOSTLY_NUMBERS]
    if not csv.decimal_comma:
        _tell(path, [*found, *numbers], "look{s} like numbers with a decimal comma: set import.decimal_comma: true")
        return frame
    _tell(path, numbers, "hold{s} other text beside decimal commas; the numbers are read, the text stays")
    text = [name for name in mixed if name not in numbers]
    _tell(path, text, "hold{s} mostly text beside decimal commas and stay{s}")
    found += numbers + _grouped(frame, path)
    point = [
        pl.when(pl.col(name).str.contains(_COMMA_OR_WHOLE))
        .then(pl.col(name).str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .otherwise(name)
        .alias(name)
        for name in found
    ]
    return frame.with_columns(point)


def _tell(path: Path, columns: list[str], what: str) -> None:
    """Warn of columns; `{s}` in `what` ends the verbs of a single one."""
    if columns:
        said = what.format(s="s" if len(columns) == 1 else "")
        logger.warning("%s: %s %s", path.name, ", ".join(columns), said)


def _grouped(frame: pl.LazyFrame, path: Path) -> list[str]:
    """Return columns of whole numbers such as 950 and 1.250, which no comma tells; 1.250 throughout may be codes."""
    names = frame.collect_schema().names()
    dotted = pl.all().str.contains(_GROUPED).any()
    short = pl.all().str.contains(_SHORT).any().name.suffix("\0short")
    all_fit = pl.all().str.contains(_GROUPED_OR_SHORT).all().name.suffix("\0fit")
    facts: dict[str, Any] = frame.select(dotted, short, all_fit).collect(engine="streaming").row(0, named=True)
    fitting = [name for name in names if facts[name] and facts[f"{name}\0fit"]]
    codes = [name for name in fitting if not facts[f"{name}\0short"]]
    _tell(path, codes, "hold{s} nothing but values such as 1.250, which stay as they are")
    return [name for name in fitting if name not in codes]


def _renamed(frame: pl.LazyFrame) -> pl.LazyFrame:
    names = frame.collect_schema().names()
    return frame.rename({name: name.lstrip("\ufeff").strip() for name in names})


def _with_integers(frame: pl.LazyFrame) -> pl.LazyFrame:
    names = frame.collect_schema().names()
    reads_back = (pl.all().cast(pl.Int64, strict=False).cast(pl.String).eq_missing(pl.all())).all()
    has_values = pl.all().is_not_null().any().name.suffix("\0")
    facts: dict[str, Any] = frame.select(reads_back, has_values).collect(engine="streaming").row(0, named=True)
    return frame.with_columns(pl.col(name).cast(pl.Int64) for name in names if facts[name] and facts[f"{name}\0"])


def _plain(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Turn what SQLite has no type for into text: dates as ISO, decimals to the digit; true is 1."""
    renamed = _renamed(frame)
    columns = []
    for name, dtype in renamed.collect_schema().items():
        if dtype.is_temporal():
            columns.append(pl.col(name).cast(pl.String).str.strip_suffix(".000000").alias(name))
        elif dtype.is_decimal() or isinstance(dtype, pl.Categorical | pl.Enum):
            columns.append(pl.col(name).cast(pl.String))
        elif dtype == pl.Boolean:
            columns.append(pl.col(name).cast(pl.Int64))
        elif dtype.is_nested():
            raise ValueError(f"column {name} holds lists or records")
    return renamed.with_columns(columns)


def _unreadable(path: Path, error: Exception) -> ImportFileError:
    return ImportFileError(str(path), str(error).splitlines()[0], "Export it again as CSV, Parquet or XLSX")
