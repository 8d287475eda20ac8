# syntax=docker/dockerfile:1
# Two stages: wheels are built where there is a compiler, and only the installed program is carried over.

FROM python:3.13-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/vobiz-exporter
COPY pyproject.toml setup.cfg README.md LICENSE config.example.yaml config.schema.json ./
COPY exporter ./exporter
# what exporter/assets links to
COPY prometheus ./prometheus
COPY grafana ./grafana
COPY deploy ./deploy
COPY docs/runbooks ./docs/runbooks
RUN /opt/vobiz-exporter/bin/pip install --no-cache-dir --disable-pip-version-check . \
    && /opt/vobiz-exporter/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
ARG REVISION=unknown
LABEL org.opencontainers.image.title="vobiz-exporter" \
      org.opencontainers.image.description="Prometheus exporter for the Vobiz Partner API" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/vobiz-exporter/vobiz-exporter" \
      org.opencontainers.image.documentation="https://github.com/vobiz-exporter/vobiz-exporter/blob/main/docs/deployment.md" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/opt/vobiz-exporter/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    VOBIZ_EXPORTER_REVISION=${REVISION}
COPY --from=build /opt/vobiz-exporter /opt/vobiz-exporter
RUN install --directory --owner=10147 --group=10147 --mode=0700 /var/lib/vobiz-exporter
USER 10147:10147
VOLUME ["/var/lib/vobiz-exporter"]
EXPOSE 10147
# exec form throughout: no shell is needed at run time; http.client asks no proxy, whatever the environment says
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 10147, timeout=4); c.request('GET', '/-/healthy'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["vobiz-exporter"]
