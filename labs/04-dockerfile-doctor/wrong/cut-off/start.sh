#!/bin/sh
trap "exit 0" TERM
python3 storm.py &
wait
