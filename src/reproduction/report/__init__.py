"""From results to judgement: published numbers beside ours, claims as statistics, provenance.

Everything ends in one page a profile, `reproduction.report.html`.
"""

from pathlib import Path

EXPERIMENTS, RESULTS = Path("experiments"), Path("results")
"""Of the papers, one folder each; of the profiles, one folder each with one for each paper."""
