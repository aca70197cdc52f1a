"""What a build says: its log, its failures, its Dockerfile."""
