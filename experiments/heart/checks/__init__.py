"""What is asked of the explanations: a module a question, which leaves `<name>.csv`."""
