"""A small wave of invented answers, for tests that need an export."""

from swtlib.codebook import load_codebook

YEAR = 2015
FACTS = """
year = 2015
title = "Proef"
origin = "simulation"
export = "results.csv"
fieldwork = "februari"

[members]
zwolle_noord = 6
elburg = 3
apeldoorn = "onbekend"
"""
FIELDWORK = FACTS.replace('"simulation"', '"fieldwork"')


def make_rows(n=6):
    """Answers of n invented people: two teams, one teamleider, one broken off."""
    rows = []
    for number in range(n):
        cells = {"id": str(number + 10), "submitdate": "2015-02-10 10:00:00"}
        for column, (instrument, item) in load_codebook().columns(YEAR).items():
            kind = item.response.kind
            if kind in ("scale", "number"):
                cells[column] = item.response.encode(
                    20 + number if item.id == "bg_leeftijd" else (number % 4) + 1
                )
            elif item.id == "bg_wijkteam":
                cells[column] = "EB" if number < 2 else "ZN"
            elif item.id == "bg_functie":
                cells[column] = "F2" if number == 0 else "F1"
            else:
                cells[column] = ""
            if number == 0 and instrument.id == "groepsdynamica":
                cells[column] = ""
        rows.append(cells)
    rows[-1]["submitdate"] = ""
    return rows


def write_export(project, rows, *, separator=";", encoding="utf-8-sig", ending="\r\n"):
    folder = project / "data" / "raw" / str(YEAR)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "wave.toml").write_text(FACTS, "utf-8")
    columns = list(rows[0])
    lines = [separator.join(f'"{c}"' for c in columns)]
    lines += [
        separator.join(f'"{row[c]}"' if row[c] else "" for c in columns) for row in rows
    ]
    path = folder / "results.csv"
    path.write_bytes((ending.join(lines) + ending).encode(encoding))
    return path


def write_fieldwork(project, rows, **options):
    """Write the same as answers of real people."""
    path = write_export(project, rows, **options)
    (path.parent / "wave.toml").write_text(FIELDWORK, "utf-8")
    return path
