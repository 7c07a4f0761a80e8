"""What the CI/CD Pipeline Builder writes pipelines with and checks them by: stacks, YAML, the two dialects and their rules."""
