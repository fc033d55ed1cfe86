"""Errors that a user can mend; each is one clear line and carries an exit code.

Everything else that goes wrong is a bug and keeps its traceback. A message
names the file, the item and what was allowed, never a respondent or an answer
in words: logs travel.
"""

import difflib
from collections.abc import Iterable


class SwtError(Exception):
    """Base of every error that swtlib raises on purpose."""

    exit_code = 1


class CodebookError(SwtError):
    """A definition in a TOML file is wrong; the message names file and key."""

    exit_code = 3


class IngestError(SwtError):
    """An export cannot be taken in; the message lists every problem found."""

    exit_code = 4


class WaveError(SwtError):
    """A wave is asked for that is not there, or does not fit the question."""

    exit_code = 5


class ResponseError(SwtError):
    """Answers do not fit the item they belong to."""

    exit_code = 6


class DisclosureError(SwtError):
    """Something unprotected was about to be shown or written."""

    exit_code = 7


class ParameterError(SwtError):
    """A notebook, team or option was named that does not exist."""

    exit_code = 8


class StatisticError(SwtError):
    """A statistic was asked for with input that has no answer."""

    exit_code = 9


class BusyError(SwtError):
    """Another process is at work in the folder."""

    exit_code = 10


class ClusterError(SwtError):
    """A Dask cluster cannot be reached, or is not fit for this project."""

    exit_code = 11


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say which known word comes close, as the tail of an error message.

    Parameters
    ----------
    word : str
        What was given.
    known : iterable of str
        What exists.

    Returns
    -------
    str
        ``" Did you mean 'team'? It has: team, year."``, or only the list.

    Examples
    --------
    >>> did_you_mean("taem", ["team", "year"])
    " Did you mean 'team'? There is: team, year."
    """
    names = [str(name) for name in known]
    close = difflib.get_close_matches(word, names, n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return f"{hint} There is: {', '.join(names)}."
