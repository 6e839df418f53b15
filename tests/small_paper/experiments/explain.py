"""Nothing to explain, but every training must be done."""

from earwitness.sweep import finish as main  # noqa: F401
