"""What the stages of a paper write: checks, tables, claims, verdicts, sounds, provenance."""
