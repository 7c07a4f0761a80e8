"""What the Deployment Wizard makes of an application: containers, manifests, Terraform, the proofs of them, and what is not ready."""
