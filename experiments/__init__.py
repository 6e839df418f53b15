"""One folder a paper; each stage is a module that make runs."""
