"""What a notebook can be told: its one cell tagged ``parameters``.

Papermill itself only warns about a parameter that a notebook does not have,
and goes on with the defaults. Here a name that is unknown or a value of the
wrong type is an error, before any kernel starts.
"""

import ast
import io
import json
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swtlib.errors import ParameterError, did_you_mean

Value = str | int | float | bool
TYPES: Mapping[str, type[Value]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
}
SWITCHES = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One line of a parameters cell: ``name: type = default  # help``."""

    name: str
    type: str
    default: Value
    help: str = ""


def read_parameters(path: Path) -> dict[str, Parameter]:
    """Read what a notebook can be told from its parameters cell.

    Parameters
    ----------
    path : Path
        The notebook.

    Returns
    -------
    dict of str to Parameter
        In the order of the cell.

    Raises
    ------
    ParameterError
        If the notebook does not have exactly one cell tagged ``parameters``,
        or a line of it is not ``name: type = value  # help``.
    """
    return parse_parameters(path.stem, read_notebook(path))


def check_parameters(
    name: str, declared: Mapping[str, Parameter], given: Mapping[str, Value]
) -> dict[str, Value]:
    """Check values against what a notebook declares.

    Parameters
    ----------
    name : str
        The notebook, for messages.
    declared : mapping of str to Parameter
        As read from its parameters cell.
    given : mapping of str to value
        What to tell it. A text is read as the declared type, so that values
        from a command line can be given as they are.

    Returns
    -------
    dict of str to value
        The given values in their declared types.

    Raises
    ------
    ParameterError
        If a name is unknown or a value does not fit its type.

    Examples
    --------
    >>> declared = {"year": Parameter(name="year", type="int", default=2015)}
    >>> check_parameters("respons", declared, {"year": "2016"})
    {'year': 2016}
    >>> check_parameters("respons", declared, {"yaer": 2016})
    Traceback (most recent call last):
    swtlib.errors.ParameterError: respons has no parameter 'yaer'. \
Did you mean 'year'? It has: year.
    """
    checked = {}
    for key, value in given.items():
        if key not in declared:
            hint = did_you_mean(key, declared).replace("There is:", "It has:")
            raise ParameterError(f"{name} has no parameter '{key}'.{hint}")
        checked[key] = _as_declared(name, declared[key], value)
    return checked


def read_notebook(path: Path) -> dict[str, Any]:
    """Read a notebook file as plain data, without Jupyter's own libraries.

    Parameters
    ----------
    path : Path
        The notebook.

    Returns
    -------
    dict
        Its content as in the file.

    Raises
    ------
    ParameterError
        If it cannot be read.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(f"{path} cannot be read as a notebook: {error}") from None
    if not isinstance(content, dict):
        raise ParameterError(f"{path} is not a notebook.")
    return content


def parse_parameters(name: str, content: Mapping[str, Any]) -> dict[str, Parameter]:
    """Take the parameters from a notebook that was read.

    Parameters
    ----------
    name : str
        The notebook, for messages.
    content : mapping
        From :func:`read_notebook`.

    Returns
    -------
    dict of str to Parameter

    Raises
    ------
    ParameterError
        As for :func:`read_parameters`.
    """
    cells = [
        cell
        for cell in content.get("cells", [])
        if cell.get("cell_type") == "code"
        and "parameters" in cell.get("metadata", {}).get("tags", [])
    ]
    if len(cells) != 1:
        raise ParameterError(
            f"{name} has {len(cells) or 'no'} cells tagged 'parameters'; a notebook "
            "that is run needs exactly one."
        )
    source = "".join(cells[0].get("source", ""))
    try:
        lines = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(
            f"{name}: line {error.lineno} of the parameters cell is not Python."
        ) from None
    comments = _comments(source)
    found = [_parse_line(name, line, comments) for line in lines]
    return {parameter.name: parameter for parameter in found}


def _as_declared(name: str, parameter: Parameter, value: Value) -> Value:
    wanted = TYPES[parameter.type]
    if type(value) is wanted:
        return value
    if wanted is float and type(value) is int:
        return float(value)
    if isinstance(value, str):
        try:
            if wanted is bool:
                return SWITCHES[value.strip().lower()]
            return int(value) if wanted is int else float(value)
        except (KeyError, ValueError):
            pass
    raise ParameterError(
        f"{name}: parameter '{parameter.name}' is {parameter.type}, such as "
        f"{parameter.default!r}; {value!r} is not."
    )


def _parse_line(name: str, line: ast.stmt, comments: Mapping[int, str]) -> Parameter:
    match line:
        case ast.AnnAssign(
            target=ast.Name(id=target),
            annotation=ast.Name(id=kind),
            value=ast.expr() as value,
        ) if kind in TYPES:
            try:
                default: Any = ast.literal_eval(value)
            except ValueError:  # a formula, a call, another parameter
                default = None
            if kind == "float" and type(default) is int:
                default = float(default)
            if type(default) is TYPES[kind]:
                return Parameter(
                    name=target,
                    type=kind,
                    default=default,
                    help=comments.get(line.lineno, ""),
                )
    raise ParameterError(
        f"{name}: line {line.lineno} of the parameters cell is not "
        "'name: type = value  # help' with a plain value of type "
        f"{', '.join(TYPES)}: {ast.unparse(line)}"
    )


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("# ").rstrip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }
