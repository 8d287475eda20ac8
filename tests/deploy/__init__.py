"""The Dockerfile, the systemd unit and the Kubernetes manifests."""
