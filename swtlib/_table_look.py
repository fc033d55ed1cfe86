"""The look of a table on a page; for :mod:`swtlib.tables`."""

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from great_tables import GT

_INK, _SOFT, _LINE = "#1b2530", "#566270", "#d8dee5"

# Title and notes stay in view while a wide table scrolls sideways: they are as
# wide as the window (container units), not as the table.
_CSS = (
    "{ container-type: inline-size; }",
    ".swt-fixed { display: inline-block; position: sticky; left: 0;"
    " max-width: min(44rem, 100cqi); overflow-wrap: break-word; }",
    f".gt_sourcenote {{ color: {_SOFT}; line-height: 1.45; }}",
    "table.gt_table tr > * { padding: 6px 14px 6px 0; vertical-align: top;"
    " font-variant-numeric: tabular-nums; }",
    "table.gt_table tr > *:last-child { padding-right: 0; }",
    "table.gt_table tr > .gt_col_heading { vertical-align: bottom; }",
    "table.gt_table tr > .gt_title { font-weight: 650; }",
    "table.gt_table tr > .gt_sourcenote { padding: 4px 0 0; }",
    # An interval may stand under its mean, but is not broken itself.
    f".swt-interval {{ white-space: nowrap; color: {_SOFT}; font-size: 93%; }}",
    "tr:has(td:nth-of-type(4)) .swt-interval { display: block; }",
    "th.gt_stub { font-weight: normal; min-width: 9rem; position: sticky; left: 0;"
    " background-color: #fff; }",
)


def fixed(text: str) -> str:
    """Keep a line in view while the table scrolls sideways."""
    return f'<span class="swt-fixed">{html.escape(text, quote=False)}</span>'


def styled(gt: "GT", name: str) -> "GT":
    """Give the table with this id the look of the report."""
    hair = {"style": "solid", "width": "1px", "color": _LINE}
    line = {"style": "solid", "width": "2px", "color": _INK}
    options: dict[str, object] = {
        "container_padding_x": "0px",
        "container_padding_y": "0px",
        "container_overflow_x": "auto",
        "container_overflow_y": "visible",
        "table_margin_left": "0",
        "table_margin_right": "0",
        "table_font_size": "15px",
        "table_font_color": _INK,
        "heading_align": "left",
        "heading_title_font_size": "16px",
        "heading_border_bottom_style": "none",
        "column_labels_font_weight": "600",
        "source_notes_font_size": "13px",
        "stub_border_style": "none",
        "table_border_top_style": "none",
        "table_border_bottom_style": "none",
        "column_labels_border_top_style": "none",
        "table_additional_css": [f"#{name} {rule}" for rule in _CSS],
    }
    for part, look in (
        ("column_labels_border_bottom", line),
        ("table_body_hlines", hair),
        ("table_body_border_bottom", hair),
        ("table_body_border_top", line),
    ):
        options |= {f"{part}_{key}": value for key, value in look.items()}
    return gt.tab_options(**options)  # type: ignore[arg-type]
