"""What is trained and applied, each module one kind of job: segmenter, states, classifier."""
