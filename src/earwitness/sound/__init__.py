"""Recordings, front ends of networks, and the cycle of the heart."""
