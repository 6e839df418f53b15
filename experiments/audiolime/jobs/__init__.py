"""The jobs of the sweep: train separators and taggers, and query taggers about coalitions."""
