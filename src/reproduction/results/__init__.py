"""Results of a paper as files: checks, tables, claims, verdicts, sounds and provenance.

`reproduction.report` reads these files to make the page; nothing here imports the report.
"""
