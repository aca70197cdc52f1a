#!/bin/sh
# Starts the service in the folder that the image names. Whoever runs the image sets STORM_TOKEN.
exec python3 storm.py
