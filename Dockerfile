# docker build -t plimsoll .
# docker run -v plimsoll:/var/lib/plimsoll -p 127.0.0.1:8000:8000 \
#   -e PLIMSOLL_HTTP__PUBLIC_URL=http://127.0.0.1:8000 -e PLIMSOLL_CHAINS__1__RPC_URL=... plimsoll up
FROM node:22-slim AS pages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save --ignore-scripts

FROM python:3.13-slim AS build
RUN pip install --no-cache-dir "uv>=0.9"
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv --without-pip /opt/plimsoll
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY migrations migrations
# The lock file as a constraint: its versions and hashes hold, but the tools of development stay out.
RUN uv pip install --python /opt/plimsoll/bin/python --constraint requirements.lock .

FROM python:3.13-slim
RUN useradd --system --user-group --create-home --home-dir /var/lib/plimsoll plimsoll
COPY --from=build /opt/plimsoll /opt/plimsoll
COPY --from=pages /build/node_modules/swagger-ui-dist /opt/plimsoll/node_modules/swagger-ui-dist
ENV PATH=/opt/plimsoll/bin:$PATH PYTHONUNBUFFERED=1 PLIMSOLL_HTTP__HOST=0.0.0.0 \
    PLIMSOLL_NODE_MODULES=/opt/plimsoll/node_modules
USER plimsoll
WORKDIR /var/lib/plimsoll
VOLUME /var/lib/plimsoll
EXPOSE 8000
ENTRYPOINT ["plimsoll"]
CMD ["--help"]
