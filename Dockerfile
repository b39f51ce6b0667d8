# One image for every service of ours; the compose file says which one to run.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/factory && /opt/factory/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY plant plant
COPY simulators simulators
COPY collectors collectors
COPY dashboard dashboard
COPY factory factory
RUN /opt/factory/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --system --create-home --uid 10001 factory && mkdir /data && chown factory /data
COPY --from=build /opt/factory /opt/factory
ENV PATH=/opt/factory/bin:$PATH PYTHONUNBUFFERED=1 FACTORY_DATA=/data FACTORY_LOG_FORMAT=json
USER factory
VOLUME /data
CMD ["factory", "--help"]
