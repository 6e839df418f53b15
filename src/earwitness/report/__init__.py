"""From results to judgement: published numbers beside ours, claims as statistics, provenance."""
