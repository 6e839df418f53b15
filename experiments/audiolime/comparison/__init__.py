"""What the comparison of explainers needs to know of this paper."""
