"""Set-up: an engine, the base images and JupyterLab, made ready by `start.py`."""
