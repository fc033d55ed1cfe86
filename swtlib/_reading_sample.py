"""Sentences on what can be seen with so many answers; for `swtlib.reading`."""

from swtlib._table_text import format_number, format_share
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError


def read_sample_size(table: ProtectedTable, *, n: int) -> str:
    """Say what can be seen with a number of answers.

    Parameters
    ----------
    table : ProtectedTable
        From `sample_size.sample_size_table`.
    n : int
        Number of answers; a row of the table.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the table is another one, or has no such row.
    """
    frame = table.frame
    if "half_share" not in frame.columns:
        raise ParameterError("read_sample_size reads a table of sample_size_table.")
    rows = frame[frame["n"] == n]
    if rows.empty:
        known = ", ".join(f"{value:.0f}" for value in frame["n"])
        raise ParameterError(f"the table has no row for {n} answers. It has: {known}.")
    row = rows.iloc[0]
    mean, difference, points = (
        format_number(row[name], 2)
        for name in ("half_mean", "difference", "difference_points")
    )
    share = format_number(100 * row["half_share"], 0)
    told = (
        f"Met {n} antwoorden kan een gemiddelde er ongeveer {mean} naast liggen (op de "
        f"schaal van 0 tot 1), en een percentage {share} procentpunten."
    )
    if row["difference"] != row["difference"]:
        return f"{told} Voor een vergelijking is een van de groepen te klein."
    return (
        f"{told} Vergelijk je {row['n_first']:.0f} mensen met "
        f"{row['n_second']:.0f} anderen, dan is de kans {format_share(row['power'])} "
        f"dat je een verschil van {difference} standaarddeviaties vindt, dat is "
        f"{points} op de schaal van 0 tot 1. Een kleiner verschil mis je vaak."
    )
