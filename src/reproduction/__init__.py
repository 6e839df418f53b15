"""The frame of a reproduction: configuration, stages, jobs, results and the report."""
