"""``python -m swtlib`` is ``swt``, also where that is not on the path."""

from swtlib.cli import main

if __name__ == "__main__":
    main()
