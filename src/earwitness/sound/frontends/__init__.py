"""Front ends: torch modules that turn waves into network inputs."""
