midlevel_TITLE := music emotion through mid-level features, apart and jointly (Chowdhury et al.)
midlevel_CHECKS :=
midlevel_TABLES := correlations.csv
midlevel_FIGURES := correlations.png
