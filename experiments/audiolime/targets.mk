audiolime_TITLE := audioLIME, explanations of music taggers that can be listened to (Haunschmid et al.)
audiolime_CHECKS := convergence agreement localisation
audiolime_TABLES := topk.csv topk_by_draws.csv listening.csv convergence.csv agreement.csv localisation.csv \
  fidelity_vs_truth.csv separation.csv taggers.csv
audiolime_FIGURES := topk.png convergence.png agreement.png localisation.png \
  fidelity_vs_truth.png separation.png examples.png
audiolime_MUSIC_open := open_music cc_music open_stems cc_music_stems
audiolime_WEIGHTS_paper := open_unmix
