"""The tables and sentences of competences beside bakens."""

import html
from dataclasses import dataclass

from swtlib._notebook_show import Display, Shown
from swtlib.comparison import mark_related
from swtlib.disclosure import ProtectedTable


@dataclass(frozen=True, kw_only=True)
class CompetenceDisplay(Display):
    """A display that sets competences beside bakens."""

    def unrelated_statements(self, comparison: ProtectedTable, name: str) -> Shown:
        """Say which statements go with none of the competences."""
        rows = comparison.frame
        related = rows[mark_related(rows)]
        shown = rows.loc[~rows["suppressed"], "statement"].unique()
        none = [s for s in shown if s not in set(related["statement"])]
        if not none:
            return self.text("Elke stelling hangt met minstens één competentie samen.")
        items = "".join(f"<li>{html.escape(self.labels[s])}</li>" for s in none)
        return Shown(
            f"<p>Met geen enkele competentie samenhangend ({len(none)} van de "
            f"{len(shown)} stellingen, zonder correctie):</p><ul>{items}</ul>"
        )
