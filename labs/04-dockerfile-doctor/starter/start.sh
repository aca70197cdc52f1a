#!/bin/sh
# Starts the service, in its folder and with its settings.
cd /storm
. ./settings
export STORM_TOKEN

python3 storm.py
