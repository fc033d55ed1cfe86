"""Research workbench for the yearly survey of Dutch sociale wijkteams.

The usual way in is a notebook: ``run = swtlib.new_run("dv3_bakens")``. The
public names stand in ``__init__.pyi``; each is imported when it is first used,
so that ``import swtlib`` stays light.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "0.1.0"
