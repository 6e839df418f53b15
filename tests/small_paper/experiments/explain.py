"""Nothing to explain, but every training must be done."""

from reproduction.sweep import require_finished as main  # noqa: F401
