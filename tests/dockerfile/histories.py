"""Instructions, and the steps that each builder writes into the history for them: kept from real builds."""

from __future__ import annotations

NOP = "/bin/sh -c #(nop) "
OURS = f"{NOP} LABEL containers-unpacked=1 containers-unpacked.scene=x containers-unpacked.session=y"
HEX = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

# as in the Dockerfile; the classic builder's step; BuildKit's, "" if it keeps none
PIECES: tuple[tuple[str, str, str], ...] = (
    ("WORKDIR /shop", f"{NOP}WORKDIR /shop", "WORKDIR /shop"),
    ("COPY requirements.txt .", f"{NOP}COPY file:{HEX} in . ", "COPY requirements.txt . # buildkit"),
    ("COPY --chown=1:1 . .", f"{NOP}COPY --chown=1:1 dir:{HEX} in . ", "COPY . . # buildkit"),
    ('COPY ["a b", "/c d/"]', f"{NOP}COPY file:{HEX} in /c d/ ", "COPY a b /c d/ # buildkit"),
    ("ADD a.tar /x/", f"{NOP}ADD file:{HEX} in /x/ ", "ADD a.tar /x/ # buildkit"),
    ("RUN echo hi && \\\n  echo ho", "/bin/sh -c echo hi &&   echo ho",
     "RUN /bin/sh -c echo hi &&   echo ho # buildkit"),
    ("RUN echo $A", "|1 A=x y /bin/sh -c echo $A", "RUN |1 A=x y /bin/sh -c echo $A # buildkit"),
    ('RUN ["echo", "a b"]', "echo a b", "RUN echo a b # buildkit"),
    ("RUN --mount=type=cache,target=/x true", "/bin/sh -c true", "RUN /bin/sh -c true # buildkit"),
    ('ENV A="x y" B=2', f"{NOP} ENV A=x y B=2", "ENV A=x y B=2"),
    ("ENV A x y", f"{NOP} ENV A=x y", "ENV A=x y"),
    ("ENV PATH=/x:$PATH", f"{NOP} ENV PATH=/x:/usr/bin", "ENV PATH=/x:/usr/bin"),
    ("ARG V=1", f"{NOP} ARG V=1", "ARG V=2"),
    ("ARG V", f"{NOP} ARG V", "ARG V"),
    ('CMD ["python3", "shop.py"]', f'{NOP} CMD ["python3" "shop.py"]', 'CMD ["python3" "shop.py"]'),
    ("CMD greet\tAda", f'{NOP} CMD ["/bin/sh" "-c" "greet\\tAda"]', 'CMD ["/bin/sh" "-c" "greet\\tAda"]'),
    ("CMD greet Ada", f'{NOP} CMD ["/bin/sh" "-c" "greet Ada"]', 'CMD ["/bin/sh" "-c" "greet Ada"]'),
    ('CMD echo "hi"', f'{NOP} CMD ["/bin/sh" "-c" "echo \\"hi\\""]', 'CMD ["/bin/sh" "-c" "echo \\"hi\\""]'),
    ("ENTRYPOINT greet", f'{NOP} ENTRYPOINT ["/bin/sh" "-c" "greet"]', 'ENTRYPOINT ["/bin/sh" "-c" "greet"]'),
    ("USER 1000", f"{NOP} USER 1000", "USER 1000"),
    ("EXPOSE 8080 9000/udp", f"{NOP} EXPOSE 8080 9000/udp", "EXPOSE map[8080/tcp:{} 9000/udp:{}]"),
    ('LABEL a="b c"', f"{NOP} LABEL a=b c", "LABEL a=b c"),
    ("STOPSIGNAL SIGINT", f"{NOP} STOPSIGNAL SIGINT", "STOPSIGNAL SIGINT"),
    ("VOLUME /data", f"{NOP} VOLUME [/data]", "VOLUME [/data]"),
    (
        "HEALTHCHECK --interval=5s CMD [ -f /ok ]",
        f'{NOP} HEALTHCHECK &{{["CMD-SHELL" "[ -f /ok ]"] "5s" "0s" "0s" "0s" \'\\x00\'}}',
        'HEALTHCHECK &{["CMD-SHELL" "[ -f /ok ]"] "5s" "0s" "0s" "0s" \'\\x00\'}',
    ),
    ("HEALTHCHECK NONE", f'{NOP} HEALTHCHECK &{{["NONE"] "0s" "0s" "0s" "0s" \'\\x00\'}}',
     'HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" \'\\x00\'}'),
    ("ONBUILD RUN make", f"{NOP} ONBUILD RUN make", ""),
    ("MAINTAINER Ada", f"{NOP} MAINTAINER Ada", "MAINTAINER Ada"),
)  # fmt: skip
BASE = (("/bin/sh -c #(nop) ADD file:abc in / ", 100), ('CMD ["bash"]', 0))
