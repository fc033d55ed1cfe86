"""A student's own small project: made in one go, and checked in one go.

What is in it stands in ``template``; only the name, the year and the version of
swtlib are filled in. The residents' questions are those of the example
(:mod:`swtlib.examples`).
"""

from swtlib.thesis.check import ProjectCheck, check_project
from swtlib.thesis.make import make_thesis

__all__ = ["ProjectCheck", "check_project", "make_thesis"]
