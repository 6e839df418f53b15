audiomnist_TITLE := spoken digits and sex from waveform and spectrogram, explained by LRP (Becker et al.)
audiomnist_CHECKS := sanity
audiomnist_TABLES := accuracy.csv sanity.csv
audiomnist_FIGURES := accuracy.png relevance_spectrogram.png relevance_waveform.png \
  relevance_over_time.png relevance_over_frequency.png
audiomnist_CORPORA_open := fsdd arabic_digits ravdess
audiomnist_CORPORA_paper := audiomnist
