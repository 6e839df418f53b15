"""What is asked of the explanations, a question a module; each leaves `<name>.csv`, a row a clip."""
