"""Every method of explaining beside controls that any has to beat, on the papers' networks."""
