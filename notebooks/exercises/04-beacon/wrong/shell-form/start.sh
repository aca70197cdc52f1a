#!/bin/sh
# Makes the lamp ready, then starts the light.
echo "lamp filled" > /tmp/lamp
exec python3 /beacon/beacon.py
