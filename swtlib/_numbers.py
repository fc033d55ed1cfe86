"""Columns of numbers as an array; anything else is refused by its name."""

import numpy as np
import pandas as pd

from swtlib.errors import ResponseError
from swtlib.groups import Floats


def numbers_of(frame: pd.DataFrame, *, what: str, keep: str) -> Floats:
    """Give the columns of a frame as an array, NaN where there is no number.

    Parameters
    ----------
    frame : DataFrame, shape (n_respondents, n_columns)
        With numeric columns only, of any dtype.
    what : str
        What the numbers are, for the message.
    keep : str
        What the frame should hold, for the message.

    Returns
    -------
    ndarray, shape (n_respondents, n_columns)

    Raises
    ------
    ResponseError
        If a column is not numeric, or a number is infinite.

    Examples
    --------
    >>> numbers_of(pd.DataFrame({"a": [1, None]}), what="scores", keep="scores")
    array([[ 1.],
           [nan]])
    """
    for name, column in frame.items():
        if not pd.api.types.is_numeric_dtype(column.dtype):
            raise ResponseError(f"column '{name}' is not numeric. Keep {keep} only.")
    values = frame.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise ResponseError(f"the {what} hold an infinite number.")
    return values
