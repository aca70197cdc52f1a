#!/bin/sh
. ./settings
export STORM_TOKEN
exec python3 storm.py
