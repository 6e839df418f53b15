"""The report: one HTML page per profile, made from the files that `reproduction.results` wrote."""
