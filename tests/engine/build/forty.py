r"""Forty Dockerfiles that read in odd ways: joints, comments, escapes, here-documents, blanks, directives, case.

All are `FROM scratch` without RUN in the last stage, so that each is built in a moment; CMD carries the text of a line.
"""

from __future__ import annotations

FORTY: tuple[str, ...] = (
    "FROM scratch\nCMD a",
    "from scratch\ncmd a\n",
    "\ufeffFROM scratch\nCMD a\n",
    "FROM scratch\r\nENV A=1 \\\r\n  B=2\r\nCMD a\r\n",
    "\n\n# c\n  \nFROM scratch\n\n\tCMD a\n",
    "FROM scratch\nCMD a && \\\n    b && \\\n    c",
    "FROM scratch\nCMD a && \\\n# in between\n    b",
    "FROM scratch\nCMD a && \\\n\n\n    b",
    "FROM scratch\nCMD a && \\\n   # indented\n\n # twice\n    b \\\n && c",
    "FROM scratch\nCMD a\\\nb",
    "FROM scratch\nCMD a \\  \n  b",
    "FROM scratch\nCMD a \\\t\n  b",
    "FROM scratch\nCMD a\\\\\nENV B=1",
    "FROM scratch\nCMD 'a \\\n b'",
    'FROM scratch\nCMD ["a", \\\n  "b c", \\\n  # no\n  "d"]',
    'FROM scratch\nCMD ["a", "b\\"c", "d\\\\e"]',
    "FROM scratch\nCMD [a, b]",
    "FROM scratch\nCMD [ -f x ] && y",
    "# escape=`\nFROM scratch\nCMD a `\n  b\nENV P=c:\\",
    "# escape=\\\nFROM scratch\nCMD a \\\n  b",
    "#escape = `\nFROM scratch\nCMD a `\n  b",
    "# hello\n# escape=`\nFROM scratch\nCMD a \\\n  b",
    "# hello=1\n# escape=`\nFROM scratch\nCMD a \\\n  b",
    "FROM scratch\nENV A=1 B=\"two words\" C='three  words' D=a\\ b\nCMD a",
    "FROM scratch\nENV A one two  three\nCMD a",
    'FROM scratch\nLABEL a=b \\\n  c="d \\\n  e" \\\n  f=g\nCMD a',
    "FROM scratch\nLABEL \"a b\"=c 'd'=e\nCMD a",
    "FROM scratch\nEXPOSE 80 443/tcp \\\n 53/udp\nCMD a",
    "FROM scratch\nCOPY <<EOF /a\nFROM b\nCMD no\nEOF\nCMD a",
    "FROM scratch\nCOPY <<'EOF' /a\n$A \\\nEOF\nCMD a",
    'FROM scratch\nCOPY <<"EOF" /a\nx $A\nEOF\nCMD a',
    "FROM scratch\nCOPY <<-EOF /a\n\tx\n\t EOF\n\tEOF\nCMD a",
    "FROM scratch\nCOPY <<one <<two /a/\n1\ntwo\none\n2\ntwo\nCMD a",
    "FROM scratch\nCOPY <<EOF \\\n  /a\nx\nEOF\nCMD a",
    "FROM scratch\nADD <<EOF /a\n# no comment\n\n  x\nEOF\nCMD a",
    "FROM scratch AS one\nCOPY <<EOF /a\nx\nEOF\nFROM scratch\nCOPY --from=one /a /b\nCMD a",
    "ARG V=1\nFROM scratch\nARG V\nENV W=$V\nCMD a",
    'FROM scratch\nONBUILD CMD no\nUSER 7:8\nSTOPSIGNAL SIGINT\nVOLUME ["/a", "/b c"]\nCMD a',
    'FROM scratch\nHEALTHCHECK --interval=5s \\\n  --retries=2 \\\n  CMD ["x", "y"]\nSHELL ["/s", "-c"]\nCMD a',
    'FROM scratch\nENTRYPOINT ["x"]\nCMD   a    b\t c  # not a comment',
)
