"""What trains: the schemes of the paper."""
