#!/bin/sh
python3 storm.py
