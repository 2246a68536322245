"""What a project declares: extension descriptors and the settings they are made of."""
