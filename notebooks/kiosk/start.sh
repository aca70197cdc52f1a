. /kiosk/kiosk.conf
echo "kiosk: starting on port $PORT"
case "$PORT" in
    *[!0-9]*) echo "kiosk: PORT in /kiosk/kiosk.conf is not a number: $PORT"; exit 3 ;;
esac
exec httpd -f -p "$PORT" -h /kiosk
