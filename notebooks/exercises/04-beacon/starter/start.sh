#!/bin/sh
# Makes the lamp ready, then starts the light.
echo "lamp filled" > /tmp/lamp
python3 /beacon/beacon.py
