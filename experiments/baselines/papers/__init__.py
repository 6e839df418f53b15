"""What the networks of each paper are asked about: `subjects(cfg, job, count)` of each."""
