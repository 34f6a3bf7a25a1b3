import { defineConfig } from 'millrace'

/** All settings of the assistant; each one is also an environment variable, which wins (docs/settings.md). */
export default defineConfig({ app: 'assistant' })
