# docker build -t colorize-batch .                    # CPU
# docker build -t colorize-batch:cuda --target cuda . # NVIDIA: RTX cards, by TensorRT for RTX
# docker run --rm -u "$(id -u):$(id -g)" -v "$PWD:/work" colorize-batch scans/ colour/

FROM debian:trixie-slim AS build
# Debian's own releases are the pin: one version of each package in trixie.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ libjpeg62-turbo-dev python3 python3-dev python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN python3 -m venv /opt/colorize-batch \
    && /opt/colorize-batch/bin/pip install --no-cache-dir '.[video]'

FROM build AS build-cuda
RUN /opt/colorize-batch/bin/pip install --no-cache-dir '.[cuda,rtx,video]'

FROM debian:trixie-slim AS run
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libjpeg62-turbo python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 colorize
ENV PATH=/opt/colorize-batch/bin:$PATH
# Caches of any user that `-u` names.
ENV XDG_CACHE_HOME=/tmp/cache
USER colorize
WORKDIR /work
ENTRYPOINT ["colorize-batch"]
CMD ["--help"]

FROM run AS cuda
COPY --from=build-cuda /opt/colorize-batch /opt/colorize-batch
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility

FROM run AS cpu
COPY --from=build /opt/colorize-batch /opt/colorize-batch
