"""PyTorch Lightning callbacks."""
