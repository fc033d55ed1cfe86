"""Figures of protected result tables: what to draw, in one style.

Every function takes a :class:`~swtlib.disclosure.ProtectedTable` and gives a
:class:`Picture`. Each figure names its ``n``, says in words what it shows,
names what is hidden and why, and carries the line on where the answers come
from. The style is set while drawing and leaves no trace.
"""

from swtlib._ahead import remembered
from swtlib._figure_bars import plot_counts, plot_shares
from swtlib._figure_curve import plot_specifications
from swtlib._figure_forest import plot_forest
from swtlib._figure_gap import plot_dumbbell
from swtlib._figure_heat import plot_heatmap
from swtlib._figure_likert import plot_likert
from swtlib._figure_means import plot_means, plot_profiles
from swtlib._figure_ranks import plot_ranks
from swtlib._figure_sample import plot_sample_size
from swtlib._figure_slope import plot_slopes
from swtlib._figure_style import Picture, draw_ahead, picture_png, picture_svg

__all__ = [
    "Picture",
    "picture_png",
    "picture_svg",
    "plot_counts",
    "plot_dumbbell",
    "plot_forest",
    "plot_heatmap",
    "plot_likert",
    "plot_means",
    "plot_profiles",
    "plot_ranks",
    "plot_sample_size",
    "plot_shares",
    "plot_slopes",
    "plot_specifications",
]

# Figures of all teams together stand on the page of every team.
plot_counts = remembered(plot_counts, prepare=draw_ahead)
plot_dumbbell = remembered(plot_dumbbell, mixed=True, prepare=draw_ahead)
plot_heatmap = remembered(plot_heatmap, prepare=draw_ahead)
plot_likert = remembered(plot_likert, prepare=draw_ahead)
plot_means = remembered(plot_means, mixed=True, prepare=draw_ahead)
plot_profiles = remembered(plot_profiles, mixed=True, prepare=draw_ahead)
plot_ranks = remembered(plot_ranks, mixed=True, prepare=draw_ahead)
plot_shares = remembered(plot_shares, prepare=draw_ahead)
plot_slopes = remembered(plot_slopes, mixed=True, prepare=draw_ahead)
plot_specifications = remembered(plot_specifications, prepare=draw_ahead)
