# Makes two images: the server (the last stage, what `docker build .` makes) and the client (`--target client`).

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/packages scripts/
RUN scripts/packages build
COPY . .
RUN scripts/build release --target troupe-server troupe \
 && strip build/release/bin/troupe-server build/release/bin/troupe

FROM debian:bookworm-slim AS runtime
COPY scripts/packages /tmp/
# Nothing that only apt needs stays: its lists, caches and logs.
RUN /tmp/packages runtime \
 && apt-get clean \
 && rm -rf /tmp/packages /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log
RUN useradd --uid 1000 --home-dir /var/lib/troupe troupe && install -d -o troupe -g troupe /var/lib/troupe
USER troupe
WORKDIR /var/lib/troupe

FROM runtime AS client
COPY --from=build /src/build/release/bin/troupe /usr/local/bin/
RUN troupe --help >/dev/null
ENTRYPOINT ["troupe"]

# Its SQLite file, if it is not told to use PostgreSQL, is in /var/lib/troupe: mount a volume there to keep it.
FROM runtime AS server
COPY --from=build /src/build/release/bin/troupe-server /usr/local/bin/
COPY --from=build /src/scripts/healthcheck /usr/local/bin/troupe-healthcheck
RUN troupe-server --help >/dev/null
ENV TROUPE_LISTEN=0.0.0.0:6667
EXPOSE 6667
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s CMD ["troupe-healthcheck"]
ENTRYPOINT ["troupe-server"]
