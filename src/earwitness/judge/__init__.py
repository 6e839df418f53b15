"""Is a number certain, and is an explanation right."""
