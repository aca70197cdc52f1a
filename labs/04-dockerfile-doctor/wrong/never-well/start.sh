#!/bin/sh
cd /storm
exec python3 storm.py
