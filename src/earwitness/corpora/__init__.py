"""One module a corpus; each gives `load(root) -> Corpus` on the prepared layout."""
