"""Small pieces of HTML: paragraphs, lists and tables, with all text escaped."""

from collections.abc import Iterable, Sequence
from html import escape


def paragraphs(*texts: str) -> str:
    r"""Write paragraphs; an empty text is left out.

    Examples
    --------
    >>> paragraphs("Klopt.", "", "0,5 < 1")
    '<p>Klopt.</p>\n<p>0,5 &lt; 1</p>'
    """
    return "\n".join(f"<p>{escape(text)}</p>" for text in texts if text)


def definitions(lines: Iterable[tuple[str, str]]) -> str:
    r"""Write a list of terms, each with what is said of it.

    Examples
    --------
    >>> definitions([("Zeker", "Acht kan niet.")])
    '<dl>\n<dt>Zeker</dt><dd>Acht kan niet.</dd>\n</dl>'
    """
    items = [
        f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>\n" for term, text in lines
    ]
    return "<dl>\n" + "".join(items) + "</dl>"


def html_table(
    headings: Sequence[str],
    lines: Iterable[Sequence[str]],
    *,
    caption: str = "",
    numeric: Sequence[int] = (),
) -> str:
    """Write a table that scrolls by itself on a narrow screen.

    Parameters
    ----------
    headings : sequence of str
        Of the columns.
    lines : iterable of sequence of str
        Cells as text; the first of a line heads it.
    caption : str, default ""
        What the table shows.
    numeric : sequence of int, default ()
        Columns with figures, by position.

    Returns
    -------
    str

    Examples
    --------
    >>> print(html_table(["baken", "n"], [["Direct er op af", "2"]], numeric=[1]))
    <div class="table-scroll"><table>
    <thead><tr><th scope="col">baken</th><th scope="col" class="num">n</th></tr></thead>
    <tbody>
    <tr><th scope="row">Direct er op af</th><td class="num">2</td></tr>
    </tbody>
    </table></div>
    """
    kinds = [' class="num"' if i in numeric else "" for i in range(len(headings))]
    head = "".join(
        f'<th scope="col"{kind}>{escape(heading)}</th>'
        for heading, kind in zip(headings, kinds, strict=True)
    )
    rows = []
    for line in lines:
        first, *rest = (escape(cell) for cell in line)
        cells = "".join(
            f"<td{kind}>{cell}</td>" for cell, kind in zip(rest, kinds[1:], strict=True)
        )
        rows.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    title = f"<caption>{escape(caption)}</caption>\n" if caption else ""
    return (
        f'<div class="table-scroll"><table>\n{title}<thead><tr>{head}</tr></thead>\n'
        "<tbody>\n" + "\n".join(rows) + "\n</tbody>\n</table></div>"
    )
