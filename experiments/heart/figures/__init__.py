"""The figures, a topic a module, drawn from tables and from what the explain stage left."""
