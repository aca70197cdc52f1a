#!/bin/sh
# One page: who was asked, by which name, and what the next one said.
echo "Content-Type: text/plain"
echo
who=${REMOTE_ADDR##*:}
who=${who%]}
echo "asked by $who: $QUERY_STRING" >/proc/1/fd/1
echo "$ROLE, asked as $HTTP_HOST"

ask() {
    timeout 3 wget -q -O- "http://$1:$2/?$QUERY_STRING" 2>&1 || echo "$ROLE gets nothing from $1"
}

case "$ROLE" in
    front) ask "$API" 8000 ;;
    api) ask "$STORE" 6379 ;;
    store)
        if [ "$QUERY_STRING" = cash-book ]; then
            # Each who asks gets a word of their own, so that it shows who has asked.
            echo "cash book: $(echo "$BOOK $who" | sha256sum | cut -c 1-8)"
        else
            echo "in stock: $STOCK"
        fi
        ;;
esac
