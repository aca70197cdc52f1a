"""JupyterLab: started, opened, ended."""
