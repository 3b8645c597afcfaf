"""What carriers announce before it arrives: manifests by API or as a file, and what was announced and never came."""
