"""Tables as files that spreadsheets open without harm: CSV, XLSX and JSON."""

import csv
import io
import json
import re
from typing import Final

from backend.erp.export_table import Cell, ExportTable

_BOM: Final = "\ufeff"
"""Without it Excel takes UTF-8 for the local code page, and Korean for noise."""
_FITTED_ROWS: Final = 200
"""Columns are made as wide as these need; to look at all would take a quarter of the time."""
_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def to_csv(table: ExportTable) -> bytes:
    """Return UTF-8 with a byte-order mark, cells separated by commas, lines by CR LF."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([_csv_cell(cell) for cell in row] for row in table.rows)
    return (_BOM + text.getvalue()).encode("utf-8")


def to_json(table: ExportTable) -> bytes:
    """Return a list of one object per row, keys in the order of the columns."""
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return json.dumps(rows, ensure_ascii=False).encode("utf-8")


def to_xlsx(table: ExportTable) -> bytes:
    """Return a workbook of one sheet; texts are text cells, so that 00123 stays and =1+1 is no formula."""
    import xlsxwriter  # noqa: PLC0415 - only who exports a workbook pays for it

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("routings")
        header, text = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(table.columns):
            sheet.write_string(0, place, name, header)
        for number, row in enumerate(table.rows, start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell, text)
                elif cell is not None:
                    sheet.write_number(number, place, cell)
            if number == min(len(table.rows), _FITTED_ROWS):
                sheet.autofit()
    return file.getvalue()


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; numbers stay what they are.

    >>> harmless("=1+1"), harmless("@SUM(A1)"), harmless("-3"), harmless("00123"), harmless("+82-10")
    ("'=1+1", "'@SUM(A1)", '-3', '00123', "'+82-10")
    """
    return f"'{text}" if text.startswith(_STARTS_FORMULA) and not _PLAIN_NUMBER.fullmatch(text) else text


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    return "" if cell is None else _number(cell)


def _number(number: float) -> str:
    """Write a number without exponent.

    >>> _number(25.0), _number(0.00001), _number(4.2)
    ('25', '0.00001', '4.2')
    """
    return f"{number:.6f}".rstrip("0").rstrip(".")
