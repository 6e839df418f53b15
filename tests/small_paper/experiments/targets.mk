small_TITLE := a model that learns to count
small_CHECKS := counts
small_TABLES := counts.csv sums.csv
small_FIGURES := counts.txt sums.txt
