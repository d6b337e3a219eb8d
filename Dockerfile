# The service alone; the store and the proxy are images of their own in docker-compose.yml.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# Locked packages first: they change less often than our own code.
COPY requirements.lock ./
RUN pip install --require-hashes --no-deps -r requirements.lock

COPY pyproject.toml README.md ./
COPY queries queries
COPY ingest ingest
COPY maps maps
COPY graph_service graph_service
RUN pip install --no-deps . \
    && useradd --system --uid 10001 --home-dir /var/lib/pmet --create-home pmet \
    && chmod 700 /var/lib/pmet

USER pmet
VOLUME /var/lib/pmet
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --retries=12 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=3)"]
CMD ["pmet", "serve"]
