"""Claims about signed manifests: what is said to be missing, with the custody log as it was attached."""
