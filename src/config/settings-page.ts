// Writes the table of docs/settings.md from the settings themselves, so that the page cannot be wrong.
import { type SettingEntry, type SettingShape, settingTable } from './setting-table.ts'

function shapeInWords(shape: SettingShape): string {
  switch (shape.kind) {
    case 'integer':
      return `${shape.min} to ${shape.max}`
    case 'choice':
      return shape.of.map((word) => `\`${word}\``).join(', ')
    case 'list':
      return `${shape.expected}, …`
    case 'url':
      return shape.protocols.map((protocol) => `\`${protocol}//\``).join(' or ')
    case 'boolean':
      return '`true` or `false`'
    default:
      return shape.expected ?? 'text'
  }
}

function defaultInWords(value: unknown): string {
  return value === null || value === '' ? 'none' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

/** The table of all settings in Markdown, with a line break at its end. */
export function settingsPage(): string {
  const rows = (Object.entries(settingTable) as [string, SettingEntry<unknown>][]).map(
    ([name, entry]) =>
      `| \`${name}\` | \`${entry.env}\` | ${shapeInWords(entry.shape)} | ${defaultInWords(entry.default)} | ${entry.meaning} |`,
  )
  return ['| setting | environment | value | default | meaning |', '|---|---|---|---|---|', ...rows, ''].join('\n')
}
