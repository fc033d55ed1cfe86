"""docs/readers.md says what is true."""

import re
from pathlib import Path

from swtlib.readers import read_export

ROOT = Path(__file__).resolve().parent.parent
SURVEY = ROOT / "tests" / "data" / "limesurvey" / "werkbeleving_615243"
ROW = re.compile(r"\| `(.+?)` \| .+? \| yes \| (\d+) \| (\d+) \| .+ \|")


def test_the_table_of_exports_counts_right():
    text = (ROOT / "docs" / "readers.md").read_text("utf-8")
    rows = {name: (int(n), int(done)) for name, n, done in ROW.findall(text)}
    files = {path.name for path in SURVEY.iterdir() if path.is_file()}
    assert set(rows) == files - {"structure_as_imported.txt"}
    for name, counts in rows.items():
        raw = read_export(SURVEY / name)
        assert counts == (len(raw.cells), int(raw.completed.sum())), name


def test_the_table_of_qualtrics_and_spss_counts_right():
    text = (ROOT / "docs" / "readers.md").read_text("utf-8")
    row = re.compile(r"\| `(.+?)` \| [^|]+ \| (\d+) \| (\d+) \| (\d+) \|\n")
    rows = {name: tuple(map(int, counts)) for name, *counts in row.findall(text)}
    found = {}
    for folder in ("qualtrics", "spss"):
        for path in (ROOT / "tests" / "data" / folder).glob("*.*[sv]*v"):
            raw = read_export(path)
            left_out = sum(raw.set_aside.values())
            found[path.name] = (len(raw.cells), left_out, raw.cells.shape[1])
    assert rows == found
