"""Run the notebooks of a wave and make the pages that readers see.

As in `swtlib` itself, the public names stand in ``__init__.pyi`` and are imported
when they are first used: what is slow to import can then go on beside it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
