# The site as an image, for amd64 and arm64. One image runs every process; deploy/run says which:
#
#   docker build --tag site .
#   docker run site web --host 0.0.0.0        (what it does if you say nothing)
#   docker run site worker                    (sender, beat; manage migrate, manage doctor, …)
#
# It needs no right to write but to VAR_DIR and /tmp: run it with a read-only root.
# `python3 dev.py image` builds and tries it where there is no Docker.

# Debian 12 with apt; yours may come from elsewhere.
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS base
# age encrypts backups; libpq is what pg_dump needs.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        age ca-certificates libpq5 python3 \
    && rm -rf /usr/bin/age-keygen /usr/lib/python3.*/ensurepip /usr/lib/python3.*/idlelib /usr/lib/python3.*/lib2to3 \
        /usr/lib/python3.*/pydoc_data /usr/lib/python3.*/test /usr/lib/python3.*/turtledemo \
        /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/*
ENV LANG=C.UTF-8 \
    VENV=/opt/venv \
    READ_DOT_ENV=0 \
    STATIC_ROOT=/srv/static \
    VAR_DIR=/var/lib/site

FROM base AS build
# If packages come from an index of your own: its address, and whose certificates it shows.
ARG PIP_INDEX_URL
ARG PIP_CERT
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends binutils python3-pip
# Of PostgreSQL's client package what backups need: it would bring Perl along.
RUN mkdir /tmp/client && cd /tmp/client \
    && apt-get download "$(apt-cache depends postgresql-client \
        | sed -n 's/.*Depends: *\(postgresql-client-[0-9]*\)$/\1/p')" \
    && dpkg-deb --extract *.deb . \
    && mkdir /opt/client && cp usr/lib/postgresql/*/bin/pg_dump usr/lib/postgresql/*/bin/pg_restore \
        usr/lib/postgresql/*/bin/psql /opt/client/
COPY requirements/run.txt /tmp/run.txt
RUN python3 -m venv --without-pip /opt/venv \
    && python3 -m pip --python /opt/venv/bin/python install --no-cache-dir --no-compile \
        --disable-pip-version-check --only-binary :all: --require-hashes --requirement /tmp/run.txt
# Never read here: translations (USE_I18N is off), types, headers and sources in C, others' tests, what Amazon
# has beside S3. Symbols for debuggers as well, but not in libraries that auditwheel has put together.
RUN cd /opt/venv/lib/python3*/site-packages \
    && find . -type f \( -name '*.po' -o -name '*.mo' -o -name '*.pyi' -o -name '*.pxd' \
        -o -name '*.pyx' -o -name '*.h' -o -name '*.c' -o -name '*.a' \) -delete \
    && rm -rf django/contrib/gis lxml/objectify* numpy/distutils numpy/f2py numpy/random \
    && find . -type d -name tests -prune -exec rm -r {} + \
    && find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name s3 ! -name sts -exec rm -r {} + \
    && find . -name '*.so' ! -path '*.libs/*' | while read -r library; do \
        readelf --dynamic "$library" | grep --quiet 'R.*PATH' || strip --strip-unneeded "$library"; \
    done
COPY . /app
# What packages bring for browsers lies in STATIC_ROOT after that. Maps of sources are for their developers.
RUN chmod -R a+rX,go-w /app \
    && cd /app \
    && export SECRET_KEY=only-to-build-the-image VAR_DIR=/tmp/var \
    && /opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && find /srv/static -name '*.map' -delete \
    && find /opt/venv -type f -path '*/static/*' -delete \
    && chmod -R a+rX /srv/static \
    && find /app /opt/venv -name __pycache__ -prune -exec rm -r {} + \
    && PYTHONDONTWRITEBYTECODE=1 /opt/venv/bin/python deploy/precompile.py

FROM base
RUN groupadd --system --gid 10001 site \
    && useradd --system --uid 10001 --gid site --home-dir /var/lib/site --no-create-home \
        --shell /usr/sbin/nologin site \
    && install --directory --owner site --group site \
        /var/lib/site /var/lib/site/media /var/lib/site-nginx \
    && install --directory --mode 700 --owner site --group site /var/backups/site
COPY --from=build /opt/client/ /usr/local/bin/
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/static /srv/static
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
VOLUME /var/lib/site
EXPOSE 8000
# Of the web process; compose.yaml says how to ask the others.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/opt/venv/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["/app/deploy/run"]
CMD ["web", "--host", "0.0.0.0"]
