"""Which views the next choice may ask for: they are made in idle moments."""

from collections.abc import Iterator, Mapping

from swtlib.explorer.choices import PARTS, Option, choose, follow
from swtlib.explorer.session import Session
from swtlib.explorer.view import View

#: The controls that are used most, first. Another year or subject is planned first,
#: which takes too long to be done without being asked.
NEAR = ("team", "split", "show", "only", "group", "competence")


def next_views(
    session: Session, view: View, known: Mapping[str, tuple[Option, ...]]
) -> Iterator[View]:
    """List the views that are one choice away, those that are likely first.

    Parameters
    ----------
    session : Session
        With the waves.
    view : View
        What is shown, settled.
    known : mapping of str to tuple of Option
        What each part of it can be, from `choices.choose`.

    Yields
    ------
    View
        Settled. What needs a plan that is not made yet is left out: that takes
        up to seconds, in which nothing could be chosen.
    """
    seen = {view}
    for name in NEAR:
        for option in known[name]:
            if option.why:
                continue
            near, _ = choose(session, follow(view, {name: option.value}))
            if near not in seen and _is_planned(session, near):
                yield near
            seen.add(near)


def _is_planned(session: Session, view: View) -> bool:
    """Say whether it is known already what may be shown of a view."""
    years = [view.year, *([view.since] if view.show == "change" else [])]
    if view.split in PARTS and not session.has_split_plan(view.year, view.instrument):
        return False
    return all(session.has_plan(year, view.instrument) for year in years)
