# The bot, and nothing it doesn't need: Node 24 runs the TypeScript as it is.
FROM node:24.21.0-trixie-slim AS modules
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-fund --no-audit

FROM node:24.21.0-trixie-slim
# What actions start: pg_dump, pg_restore and psql (for servers up to their own version), and docker compose.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates docker-cli docker-compose postgresql-client-17 \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4280 PAGETURNER_DATA=/data
WORKDIR /app
# A new volume gets the owner of the folder that it is mounted on.
RUN mkdir /data /backups /scratch && chown node:node /data /backups /scratch && chmod 700 /backups /scratch \
  && ln -s /app/bin/pageturner.mjs /usr/local/bin/pageturner
COPY --from=modules /app/node_modules ./node_modules
COPY package.json ./
COPY bin ./bin
COPY src ./src
COPY runbooks ./runbooks
USER node
VOLUME /data
EXPOSE 4280
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/healthz').then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# Without bin/pageturner.mjs in between: the container's signals reach the bot itself.
CMD ["node", "--max-semi-space-size=16", "src/main.ts", "up"]
