"""Nothing to explain, but every training must be done."""

from reproduction.sweep import finish as main  # noqa: F401
