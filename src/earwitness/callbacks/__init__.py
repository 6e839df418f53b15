"""What PyTorch Lightning can do beside a training: callbacks."""
