audiomnist_TITLE := spoken digits and sex from waveform and spectrogram, explained by LRP (Becker et al.)
audiomnist_CHECKS := sanity class_averages frequency_manipulation sample_manipulation fidelity
audiomnist_TABLES := accuracy.csv sanity.csv frequency_manipulation.csv networks.csv sample_manipulation.csv fidelity.csv
audiomnist_FIGURES := accuracy.png relevance_spectrogram.png relevance_waveform.png \
  relevance_time_frequency.png class_average_digit.png class_average_sex.png randomisation.png \
  relevance_over_time.png relevance_over_frequency.png \
  frequency_manipulation.png sample_manipulation.png networks.png fidelity.png
audiomnist_CORPORA_open := fsdd arabic_digits ravdess
audiomnist_CORPORA_paper := audiomnist
