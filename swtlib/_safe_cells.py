"""Text in a file that a spreadsheet opens: words, never a formula."""

import re

import pandas as pd

STARTS = "=+-@＝＋－＠"  # with which a spreadsheet begins a formula
BLANKS = "\t\r\n"  # before one
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?")
_MADE_SAFE = re.compile(rf"'(?=[ ]*[{re.escape(STARTS)}]|[{BLANKS}])")


def safe_cell(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula.

    Parameters
    ----------
    text : str
        What somebody wrote.

    Returns
    -------
    str
        The same text, with an apostrophe before it if it starts with ``=``,
        ``+``, ``-``, ``@``, a tab or a line end. A number stays a number; a
        carriage return becomes a line end.

    References
    ----------
    OWASP. CSV injection. https://owasp.org/www-community/attacks/CSV_Injection

    Examples
    --------
    >>> safe_cell("=HYPERLINK(A1)"), safe_cell("- meer tijd")
    ("'=HYPERLINK(A1)", "'- meer tijd")
    >>> safe_cell("-0.25"), safe_cell("meer tijd"), safe_cell("")
    ('-0.25', 'meer tijd', '')
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # what pandas puts in quotes
    start = text.lstrip(" ")[:1]
    if not start or (start not in STARTS and start not in BLANKS):
        return text
    return text if _NUMBER.fullmatch(text.strip(" ")) else f"'{text}"


def plain_cell(text: str) -> str:
    """Take back what `safe_cell` did.

    Examples
    --------
    >>> plain_cell(safe_cell("- meer tijd")), plain_cell("'s avonds")
    ('- meer tijd', "'s avonds")
    """
    return _MADE_SAFE.sub("", text, count=1) if _MADE_SAFE.match(text) else text


def safe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Make every text of a table safe, and its headings; numbers stay as they are.

    Parameters
    ----------
    frame : DataFrame
        About to be written for a spreadsheet.

    Returns
    -------
    DataFrame
        A copy.

    Examples
    --------
    >>> table = pd.DataFrame({"=x": ["@a", None], "mean": [-0.5, 1.0]})
    >>> safe_frame(table).to_csv(index=False).split()
    ["'=x,mean", "'@a,-0.5", ',1.0']
    """
    safe = frame.copy()
    for at, name in enumerate(frame.columns):
        column = frame.iloc[:, at]
        if not pd.api.types.is_numeric_dtype(column):
            texts = [safe_cell(v) if isinstance(v, str) else v for v in column]
            safe[name] = pd.Series(texts, index=frame.index, dtype="object")
    return safe.rename(columns=lambda n: safe_cell(n) if isinstance(n, str) else n)
