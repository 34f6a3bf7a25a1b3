import { defineConfig } from 'millrace'

/** All settings: each one is also an environment variable. `npx millrace doctor` shows what is in force. */
export default defineConfig({ app: '{{name}}' })
