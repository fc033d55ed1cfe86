"""The 2015 report: its published figures, the reconstruction and the check."""

from swtlib.reproduction.report import (
    CHECKED_YEARS,
    CheckOutcome,
    check_report,
    write_reconstruction,
)

__all__ = ["CHECKED_YEARS", "CheckOutcome", "check_report", "write_reconstruction"]
