"""Audio files, front ends of networks, and the cardiac cycle."""
