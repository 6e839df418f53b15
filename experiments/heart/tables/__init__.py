"""What the results are, a topic a module; `make heart` writes them all."""
