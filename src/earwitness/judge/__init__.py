"""Measures of explanations and of classifiers, with confidence intervals."""
