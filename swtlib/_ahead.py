"""What many pages of a wave have in common, worked out once for all of them.

Every run of a batch is a fresh process. What is about all teams together is the
same in each of them: the plan of what may be shown, comparisons, figures. A run
writes down which of it it had to work out; the process that runs are forked from
works out what was needed twice, so that later runs find it ready. A run never
hands on a result, so that what a notebook spoils stays in that notebook.

Results are found by the content of all arguments: another answer, label or choice
never finds them. Outside a batch nothing is written down, kept or looked up.
"""

import functools
import hashlib
import importlib
import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd

P = ParamSpec("P")
R = TypeVar("R")

WISHES = "SWT_WISHES"
"""Variable of a run: the file in which it writes down what it had to work out."""

KEY_SIZE = 16  # bytes
MIXED, COMMON = b"\0", b"\1"  # after the key
LARGEST = 8 * 2**20  # bytes of arguments; more is not worth sending around

_Wish = tuple[str, tuple[Any, ...], list[tuple[str, Any]]]

_ready: dict[bytes, Any] = {}
_needed: set[bytes] = set()
_prepare: dict[str, Callable[[Any], Any]] = {}


def remembered(
    function: Callable[P, R],
    *,
    mixed: bool = False,
    prepare: Callable[[R], R] | None = None,
) -> Callable[P, R]:
    """Let a function give a result that was worked out ahead, if there is one.

    Parameters
    ----------
    function : callable
        Gives what follows from its arguments alone: a table, something that
        cannot be changed, or something that `prepare` finishes.
    mixed : bool, default False
        Whether most calls are about one team: then two runs must have needed a
        result before it is worked out for others.
    prepare : callable, optional
        Called with a result that is worked out ahead, to do what its user would do
        next. Such a result is given once; after that the function is called.

    Returns
    -------
    callable
        The same function; of a table that was ready it gives a copy.
    """
    if prepare is not None:
        _prepare[_name(function)] = prepare

    @functools.wraps(function)
    def ready_or_made(*args: P.args, **kwargs: P.kwargs) -> R:
        if not (_ready or WISHES in os.environ):
            return function(*args, **kwargs)
        wish = (_name(function), args, sorted(kwargs.items()))
        key = _key(wish)
        if key not in _ready:
            _write_down(key + (MIXED if mixed else COMMON), wish)
            return function(*args, **kwargs)
        found: R = _ready[key] if prepare is None else _ready.pop(key)
        return found.copy() if isinstance(found, pd.DataFrame) else found

    return ready_or_made


def read_wishes(path: Path) -> list[bytes]:
    """Read what a run had to work out.

    Parameters
    ----------
    path : Path
        What its variable `WISHES` named; there is no such file when it had to
        work out nothing.

    Returns
    -------
    list of bytes
        One for each call, for `heed`.
    """
    wishes: list[bytes] = []
    if path.exists():
        with path.open("rb") as file:
            while head := file.read(8):
                wishes.append(file.read(int.from_bytes(head, "big")))
    return wishes


def heed(wish: bytes) -> Callable[[], None] | None:
    """Take in that a run had to work something out.

    Parameters
    ----------
    wish : bytes
        From `read_wishes`.

    Returns
    -------
    callable or None
        Works it out and keeps the result, if others may need it as well.
    """
    key, kind = wish[:KEY_SIZE], wish[KEY_SIZE : KEY_SIZE + 1]
    if key in _ready:
        return None
    if key not in _needed:
        _needed.add(key)
        if kind == MIXED:
            return None
    return functools.partial(_work_out, key, wish[KEY_SIZE + 1 :])


def _work_out(key: bytes, call: bytes) -> None:
    if key in _ready:
        return
    name, args, kwargs = pickle.loads(call)
    module, _, place = name.partition(":")
    function = getattr(importlib.import_module(module), place)
    made = getattr(function, "__wrapped__", function)(*args, **dict(kwargs))
    _ready[key] = _prepare[name](made) if name in _prepare else made


def _write_down(head: bytes, wish: _Wish) -> None:
    path = os.environ.get(WISHES)
    if not path:
        return
    content = head + pickle.dumps(wish)
    if len(content) <= LARGEST:
        with Path(path).open("ab") as file:
            file.write(len(content).to_bytes(8, "big") + content)


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}:{function.__qualname__}"


def _key(wish: _Wish) -> bytes:
    """Name a call by its content: what differs in any way has another name."""
    file = io.BytesIO()
    _Content(file).dump(wish)
    return hashlib.blake2b(file.getvalue(), digest_size=KEY_SIZE).digest()


class _Content(pickle.Pickler):
    """Writes equal content as equal bytes, however it lies in memory."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.fast = True  # the same text twice is no other content than two texts

    def reducer_override(self, obj: object) -> Any:
        """Write tables by their cells, and the rest as pickle does."""
        match obj:
            case pd.DataFrame():
                return tuple, ((obj.columns, obj.index, list(obj.items())),)
            case pd.Series() | pd.Index():
                plain = isinstance(obj.dtype, np.dtype) and obj.dtype.kind in "biuf"
                cells = obj.to_numpy().tobytes() if plain else obj.tolist()
                return tuple, ((str(obj.dtype), obj.name, cells),)
        return NotImplemented
