"""A paper whose model learns to count."""
