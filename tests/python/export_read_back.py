"""Reads an exported file as other programs do, and prints what is in it as JSON.

    python export_read_back.py FILE.csv     records, by Python's csv module in its strict mode
    python export_read_back.py FILE.xlsx    sheets, by openpyxl: cells with their types and number formats, and looks

In a workbook no warning may come up while it is read, and nothing may be a formula or a link.
"""

import csv
import json
import sys
import warnings
import zipfile
from datetime import date, datetime

import openpyxl
from openpyxl.utils.escape import unescape


def records(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def workbook(path):
    warnings.simplefilter("error")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    book = openpyxl.load_workbook(path)
    properties = book.properties
    about = [properties.title, properties.description, properties.creator, properties.created.isoformat()]
    return {"about": about, "sheets": [sheet(one) for one in book.worksheets]}


def sheet(one):
    widths = {letter: round(column.width) for letter, column in one.column_dimensions.items()}
    header = [[cell.font.bold, cell.fill.fgColor.rgb, cell.alignment.horizontal] for cell in one[1]]
    return {
        "name": one.title,
        "frozen": one.freeze_panes,
        "filter": one.auto_filter.ref,
        "repeated": one.print_title_rows,
        "widths": widths,
        "header": header,
        "rows": [[described(cell) for cell in row] for row in one.iter_rows()],
    }


def described(cell):
    """Its type as openpyxl names it, what it holds, its number format, and whether a quote stands before it.

    openpyxl leaves `_x0007_` and the like, by which the format writes what XML cannot hold, to whoever reads the text.
    """
    assert cell.data_type in {"n", "s", "inlineStr", "d", "b"} and cell.hyperlink is None, cell
    if cell.value is None:
        return None
    value = cell.value.isoformat(" ") if isinstance(cell.value, (date, datetime)) else cell.value
    value = unescape(value) if isinstance(value, str) else value
    quoted = ["quoted"] if cell.quotePrefix else []
    return [cell.data_type, value, cell.number_format, *quoted]


if __name__ == "__main__":
    path = sys.argv[1]
    found = workbook(path) if path.endswith(".xlsx") else records(path)
    json.dump(found, sys.stdout, ensure_ascii=False, indent=1)
    print()
