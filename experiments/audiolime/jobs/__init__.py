"""What takes long: separators and taggers are trained, taggers are asked about coalitions."""
