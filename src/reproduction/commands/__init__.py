"""Commands for users, beside the stages that make runs."""
