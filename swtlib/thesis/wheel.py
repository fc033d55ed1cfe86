"""Packs the swtlib that runs here as a wheel, for a computer that has none.

swtlib is in no package index, so a project that travels takes it along. That
works from a checkout as well as from an installation, without a network and
without tools to build with: a wheel is a zip file with a list of its files.

References
----------
PEP 427, The wheel binary package format; PEP 376, the file RECORD.
"""

import base64
import hashlib
import importlib.metadata
import io
import zipfile
from pathlib import Path

from swtlib.errors import SwtError

PACKAGE = Path(__file__).resolve().parent.parent
NAME = PACKAGE.name
TAG = "py3-none-any"
FORMAT = f"Wheel-Version: 1.0\nGenerator: swtlib\nRoot-Is-Purelib: true\nTag: {TAG}\n"
ABOUT = ("METADATA", "entry_points.txt", "licenses/LICENSE")
START = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes


def wheel_name() -> str:
    """Give the file name that pip expects, ``swtlib-0.1.0-py3-none-any.whl``."""
    return f"{NAME}-{importlib.metadata.version(NAME)}-{TAG}.whl"


def build_wheel() -> bytes:
    """Pack the swtlib that runs here.

    Returns
    -------
    bytes
        Content of a wheel that ``pip install`` takes. The packages swtlib needs
        are named in it, not packed.

    Raises
    ------
    SwtError
        If swtlib was not installed, so that it is not known what it needs.
    """
    try:
        about = importlib.metadata.distribution(NAME)
    except importlib.metadata.PackageNotFoundError:
        raise SwtError(
            "swtlib runs here without being installed. Install it first: python -m pip "
            "install -e . in its folder."
        ) from None
    info = f"{NAME}-{about.version}.dist-info"
    contents = {
        path.relative_to(PACKAGE.parent).as_posix(): path.read_bytes()
        for path in sorted(PACKAGE.rglob("*"))
        if path.is_file() and _belongs(path)
    }
    for name in ABOUT:
        text = about.read_text(name)
        if text is not None:
            contents[f"{info}/{name}"] = text.encode()
    contents[f"{info}/WHEEL"] = FORMAT.encode()
    record = [f"{name},{_digest(data)},{len(data)}" for name, data in contents.items()]
    listed = f"{info}/RECORD"
    contents[listed] = "\n".join([*record, f"{listed},,", ""]).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in contents.items():
            entry = zipfile.ZipInfo(name, date_time=START)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, data)
    return packed.getvalue()


def _belongs(path: Path) -> bool:
    """Leave out what Python, a system or an editor put beside the files."""
    parts = path.relative_to(PACKAGE).parts
    hidden = any(part.startswith(".") for part in parts)
    return not hidden and "__pycache__" not in parts and path.suffix != ".pyc"


def _digest(data: bytes) -> str:
    code = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"sha256={code.decode().rstrip('=')}"
