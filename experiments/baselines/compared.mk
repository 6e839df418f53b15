baselines_TABLES := methods.csv ranks.csv classifiers.csv
baselines_FIGURES := methods.png ranks.png classifiers.png
