"""What the results are, a topic a module; `python -m experiments.heart.tables` writes them all."""
