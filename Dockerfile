# Build: docker build -t bardge-sandbox .
# Run:   docker run --rm --read-only --tmpfs /tmp -p 4010:4010 -e BARDGE_SANDBOX_CONTROL_TOKEN=… bardge-sandbox

FROM python:3.12-slim AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE openapi.yaml ./
COPY sandbox sandbox
COPY contract_tests contract_tests
COPY fixtures fixtures
COPY scenarios scenarios
RUN pip install --no-cache-dir build && python -m build --wheel --outdir /dist

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home sandbox
COPY --from=wheel /dist/*.whl /dist/
RUN pip install --no-cache-dir "$(ls /dist/*.whl)[postgres]" && rm -r /dist
USER 10001
ENV PYTHONDONTWRITEBYTECODE=1 \
    BARDGE_SANDBOX_HOST=0.0.0.0 \
    BARDGE_SANDBOX_PORT=4010
EXPOSE 4010
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=2s --start-period=5s CMD ["python", "-c", \
    "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"BARDGE_SANDBOX_PORT\"]}/_sandbox/health')"]
CMD ["bardge-sandbox", "serve"]
