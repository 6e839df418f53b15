midlevel_TITLE := music emotion through mid-level features, separately and jointly, beside a black box (Chowdhury et al.)
midlevel_CHECKS := faithfulness cause
midlevel_TABLES := correlations.csv midlevel.csv annotation_correlations.csv weights.csv effects.csv \
  pairs.csv agreement.csv faithfulness.csv cause.csv
midlevel_FIGURES := correlations.png midlevel.png annotation_correlations.png weights.png \
  effects.png pairs.png two_level.png agreement.png faithfulness.png cause.png
midlevel_CORPORA_paper := midlevel
