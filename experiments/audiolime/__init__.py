"""Haunschmid et al.: audioLIME, explanations that can be listened to."""
