"""Which files of the library a notebook can reach, by following its imports.

Nothing is imported for it: the source is read. Imports inside functions count,
those for the type checker alone do not.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from swtlib.codebook import CODEBOOK_DIR

PACKAGE = CODEBOOK_DIR.parent
NAME = PACKAGE.name
# Where statements stand within a statement; no import stands elsewhere.
BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")


def imported_names(cells: Sequence[str]) -> set[str]:
    r"""Find the modules of the library that the cells of a notebook import.

    Parameters
    ----------
    cells : sequence of str
        Code; lines of IPython itself (``%matplotlib``, ``!ls``) are left out.

    Returns
    -------
    set of str
        Full names; a name that is imported from a module may be a module too.

    Examples
    --------
    >>> sorted(imported_names(["%time 1", "import swtlib as swt\nimport pandas"]))
    ['swtlib']
    """
    return {name for tree in _trees(cells) for name in _imports(tree, "")}


def names_used(cells: Sequence[str]) -> set[str]:
    """Find every name and attribute that the cells of a notebook mention.

    Parameters
    ----------
    cells : sequence of str
        Code.

    Returns
    -------
    set of str

    Examples
    --------
    >>> sorted(names_used(["run.wave.codebook"]))
    ['codebook', 'run', 'wave']
    """
    nodes = [node for tree in _trees(cells) for node in ast.walk(tree)]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    imported = {a.name for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names}
    return (
        names
        | imported
        | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    )


def imported_files(names: Iterable[str]) -> dict[str, Path]:
    """Follow imports through the library.

    Parameters
    ----------
    names : iterable of str
        Full names of modules, or of what is in them.

    Returns
    -------
    dict of str to Path
        The source of every module that can be reached, the packages they stand
        in included, and the data that stand beside them. Keys are paths within
        the library.
    """
    found: dict[str, Path] = {}
    modules = _modules()
    waiting = list(names)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        parts = name.split(".")
        waiting += [".".join(parts[:n]) for n in range(1, len(parts))]
        file = modules.get(name)
        if file is not None:
            found[file.relative_to(PACKAGE).as_posix()] = file
            waiting += _imported_by(file)
    folders = {file.parent for file in found.values()}
    found |= {
        path.relative_to(PACKAGE).as_posix(): path
        for folder in folders
        for path in folder.iterdir()
        if path.is_file() and path.suffix not in (".py", ".pyc", ".typed")
    }
    return found


def _imported_by(file: Path) -> tuple[str, ...]:
    stat = file.stat()
    return _read_imports(file, stat.st_mtime_ns, stat.st_size)


@cache
def _read_imports(file: Path, _changed: int, _size: int) -> tuple[str, ...]:
    inside = file.relative_to(PACKAGE.parent).with_suffix("").parts
    package = ".".join(inside[:-1])  # of __init__.py: the package itself
    stub = file.with_suffix(".pyi")  # what a package imports when it is asked for
    source = stub if stub.is_file() else file
    return tuple(sorted(set(_imports(ast.parse(source.read_bytes()), package))))


def _imports(node: ast.AST, package: str) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names if _ours(alias.name))
        case ast.ImportFrom(module=module, level=level, names=names):
            base = module or ""
            if level:
                above = package.split(".")
                inside = above[: len(above) - level + 1]
                base = ".".join([*inside, base] if base else inside)
            if _ours(base):
                yield base
                yield from (f"{base}.{alias.name}" for alias in names)
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=orelse):
            for statement in orelse:
                yield from _imports(statement, package)
        case _:
            for block in BLOCKS:
                for statement in getattr(node, block, ()):
                    yield from _imports(statement, package)


def _modules() -> dict[str, Path]:
    """Find every module of the library: full name and source."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(inside).removesuffix(".__init__")] = path
    return found


def _ours(name: str) -> bool:
    return name.split(".")[0] == NAME


def _trees(cells: Sequence[str]) -> Iterator[ast.AST]:
    for cell in cells:
        lines = [
            "" if line.lstrip().startswith(("%", "!", "?")) else line
            for line in cell.splitlines()
        ]
        try:
            yield ast.parse("\n".join(lines))
        except SyntaxError:  # other forms of IPython: taken to reach everything
            yield ast.parse("\n".join(f"import {name}" for name in _modules()))
