import re

import nbformat
import pytest

from swtlib.batch.content import clean_warnings, page_parts, render_markdown
from swtlib.batch.html import (
    Link,
    Page,
    plain_origin,
    render_document,
    render_failed,
    render_page,
)

PIXEL = "iVBORw0KGgo="
FIGURE = f'<figure><img alt="0,64" src="data:image/png;base64,{PIXEL}"></figure>'
PAGE = Page(
    title="Hoe werken de teams samen?",
    kicker="Elburg, meting 2015",
    origin="reconstructie & meer",
    survey="Sociale wijkteams",
    year=2015,
    team_label="Elburg",
    href="dv1.html",
    links=(
        Link(label="Respons", href="respons.html"),
        Link(label="Samenwerking", href="dv1.html"),
        Link(label="Bakens"),
    ),
)


def markdown(source, *tags):
    cell = nbformat.v4.new_markdown_cell(source)
    cell.metadata["tags"] = list(tags)
    return cell


def code(*outputs, source="secret = 1", tags=()):
    cell = nbformat.v4.new_code_cell(source, execution_count=1)
    cell.metadata["tags"] = list(tags)
    cell.outputs = list(outputs)
    return cell


def shown(data, **about):
    return nbformat.v4.new_output("display_data", data=data, metadata=about)


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def notebook(*cells):
    made = nbformat.v4.new_notebook()
    made.metadata["swt"] = {"title": PAGE.title}
    made.cells = list(cells)
    return made


def render(*cells):
    return render_page(notebook(*cells), PAGE)


def test_render_page_is_a_dutch_page_that_loads_and_runs_nothing():
    text = render(markdown("Zie [het rapport](https://example.org)."), code())
    assert text.startswith('<!DOCTYPE html>\n<html lang="nl">')
    assert "<title>Hoe werken de teams samen? – Elburg, meting 2015</title>" in text
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert not re.search(r"(src|@import|url\()\s*=?\s*[\"']?https?:", text)
    assert text.count("<h1>") == 1
    assert '<a class="skip" href="#inhoud">' in text


def test_render_page_shows_no_code_and_no_hidden_cells():
    text = render(
        code(stream("open"), source="password = 1"),
        code(stream("een"), tags=["parameters"]),
        code(stream("twee"), tags=["injected-parameters"]),
        code(stream("drie"), tags=["hide"]),
        markdown("vier", "hide"),
        nbformat.v4.new_raw_cell("vijf"),
    )
    assert "open" in text
    for hidden in ("password", "een<", "twee", "drie", "vier", "vijf", "In ["):
        assert hidden not in text


def test_render_page_escapes_text_output():
    result = nbformat.v4.new_output(
        "execute_result", data={"text/plain": "<b onload=x>"}, execution_count=1
    )
    text = render(code(stream("<script>alert('x')</script>"), result))
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in text
    assert "&lt;b onload=x&gt;" in text


def test_render_page_names_the_origin_only_when_there_is_one():
    assert "<strong>Herkomst:</strong> reconstructie &amp; meer" in render()
    assert "Herkomst" not in render_page(notebook(), Page(title="x"))


def test_render_page_links_to_the_other_pages_of_the_team():
    text = render()
    assert '<a href="dv1.html" aria-current="page">Samenwerking</a>' in text
    assert '<a rel="prev" href="respons.html">← Respons</a>' in text
    assert 'rel="next"' not in text  # Bakens is not made: no link
    assert '<span class="absent" title="nog niet gemaakt">Bakens</span>' in text


def test_render_page_keeps_tables_and_figures_as_they_are():
    table = (
        '<div><table><tr><td class="gt_heading gt_title x">Tabel 3</td></tr></table>'
    )
    text = render(code(shown({"text/html": table}), shown({"text/html": FIGURE})))
    assert 'role="region" aria-label="Tabel 3" tabindex="0"' in text
    assert FIGURE in text


def test_render_page_gives_a_bare_image_a_text():
    text = render(code(shown({"image/png": PIXEL + "\n"}, alt='n = 6 "Elburg"')))
    assert f'alt="n = 6 &quot;Elburg&quot;" src="data:image/png;base64,{PIXEL}"' in text
    assert 'alt="Figuur"' in render(code(shown({"image/jpeg": PIXEL})))


def test_render_page_lets_no_traceback_through():
    error = nbformat.v4.new_output(
        "error", ename="KeyError", evalue="'r_12'", traceback=["Traceback", "r_12"]
    )
    text = render(
        code(
            error,
            stream("Traceback (most recent call last):\n  x\nE: r_12\n", "stderr"),
        )
    )
    assert text.count("Bij deze stap ging iets mis") == 1
    for detail in ("KeyError", "Traceback", "r_12"):
        assert detail not in text


def test_render_page_gives_the_same_bytes_twice():
    cells = (markdown("## A\n\n## A"), code(stream("x")))
    assert render(*cells) == render(*cells)


def test_page_parts_shows_the_title_once():
    parts = page_parts(
        notebook(markdown(f"# {PAGE.title}\n\nTekst."), markdown("# Tweede"))
    )
    assert [block.html for block in parts.blocks] == [
        "<p>Tekst.</p>",
        '<h2 id="tweede">Tweede</h2>',
    ]


def test_page_parts_lists_the_headings_with_ids_of_their_own():
    parts = page_parts(
        notebook(markdown("## Één *groep*\n\n### Diep"), markdown("## Een groep"))
    )
    assert [(h.id, h.text) for h in parts.contents] == [
        ("een-groep", "Één groep"),
        ("een-groep-2", "Een groep"),
    ]
    assert 'id="diep"' in parts.blocks[0].html


def test_page_parts_of_an_empty_notebook_is_empty():
    empty = notebook(
        markdown("  "), code(stream("\n"), shown({"application/json": {}}))
    )
    assert page_parts(empty).blocks == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("/var/ipykernel_9/1.py:3: UserWarning: n = 6\n  warn(x)\n", ["n = 6"]),
        ("a.py:3: UserWarning: n\n  w()\na.py:9: UserWarning: n\n  w()\n", ["n"]),
        ("a.py:3: FutureWarning: will change\n  f()\nEcht\n", ["Echt"]),
        ("geen bestand /var/lib/answers/2015.csv\n", ["geen bestand 2015.csv"]),
        (r"geen C:\Users\an\2015.csv", ["geen 2015.csv"]),
        ("\x1b[31mrood\x1b[0m", ["rood"]),
        ("scores van 0/1 en/of 3/4", ["scores van 0/1 en/of 3/4"]),
    ],
)
def test_clean_warnings_keeps_only_what_a_reader_can_use(text, expected):
    assert clean_warnings(text) == expected


def test_render_markdown_keeps_tables_and_needs_no_math_script():
    assert "<table>" in render_markdown("| a | b |\n|---|---|\n| 1 | 2 |")
    assert render_markdown("kost $5 en $6") == "<p>kost $5 en $6</p>\n"


def test_render_failed_gives_no_detail_of_the_error():
    text = render_failed(PAGE, "dv1.failed.ipynb")
    assert "Deze pagina is niet gemaakt" in text
    assert "<code>dv1.failed.ipynb</code>" in text
    assert 'href="../index.html"' in text


def test_render_document_gives_other_pages_the_same_look():
    text = render_document(
        title="Reproductie <2015>",
        body="<p>Tekst</p>",
        origin="Herkomst: reconstructie.",
        back="index.html",
    )
    assert "<h1>Reproductie &lt;2015&gt;</h1>" in text
    assert "<p>Tekst</p>" in text
    assert "<strong>Herkomst:</strong> reconstructie." in text


def test_plain_origin_leaves_another_line_alone():
    assert plain_origin("simulatie") == "simulatie"
