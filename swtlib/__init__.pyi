from .codebook import (
    Codebook,
    Instrument,
    Item,
    Scale,
    codebook_table,
    load_codebook,
    load_instrument,
)
from .comparison import compare_split, count_related
from .correlation import spearman_with_ci
from .disclosure import MIN_CELL_N, ProtectedTable, drop_small_teams, protect
from .errors import SwtError
from .estimates import mean_with_ci, paired_gap
from .explorer import View, open_explorer, show_view
from .groups import Groups
from .notebook import NotebookRun, new_run
from .permutation import permutation_test
from .report_results import ReportResults
from .results import Selection
from .scoring import score_gap, score_items, score_scale, score_scales
from .shares import agreement_with_ci, share_with_ci
from .studies import Studies, load_studies
from .trend import change_with_ci, paired_change
from .two_groups import brunner_munzel_test, hedges_g, welch_test
from .wave import Wave, ingest, load_wave

__version__: str

__all__ = [
    "MIN_CELL_N",
    "Codebook",
    "Groups",
    "Instrument",
    "Item",
    "NotebookRun",
    "ProtectedTable",
    "ReportResults",
    "Scale",
    "Selection",
    "Studies",
    "SwtError",
    "View",
    "Wave",
    "agreement_with_ci",
    "brunner_munzel_test",
    "change_with_ci",
    "codebook_table",
    "compare_split",
    "count_related",
    "drop_small_teams",
    "hedges_g",
    "ingest",
    "load_codebook",
    "load_instrument",
    "load_studies",
    "load_wave",
    "mean_with_ci",
    "new_run",
    "open_explorer",
    "paired_change",
    "paired_gap",
    "permutation_test",
    "protect",
    "score_gap",
    "score_items",
    "score_scale",
    "score_scales",
    "share_with_ci",
    "show_view",
    "spearman_with_ci",
    "welch_test",
]
