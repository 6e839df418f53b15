small_TITLE := a model that learns to count
small_CHECKS := counts
small_TABLES := counts.csv
small_FIGURES := counts.txt
