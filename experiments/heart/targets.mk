heart_TITLE := heart sounds with and without segmentation, explained by SHAP and occlusion (Dissanayake et al.)
heart_CHECKS := murmur randomisation windows
heart_TABLES := segmentation.csv confidence.csv classification.csv leakage.csv state_importance.csv \
  agreement.csv localisation.csv randomisation.csv occlusion_windows.csv
heart_FIGURES := leakage.png classification.png segmentation.png segmentation_failures.png \
  examples.png example_components.png state_importance.png agreement.png occlusion_windows.png \
  randomisation.png
heart_CORPORA_open := circor physionet2016
heart_CORPORA_paper := circor physionet2016
