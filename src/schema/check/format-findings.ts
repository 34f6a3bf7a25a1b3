// Findings as lines of text: one that editors and CI logs turn into a link, and below it who breaks and what to do.
import type { SchemaFinding } from './schema-finding.ts'

/** Three lines a finding: `file:line  severity  rule  path  message`, then `breaks` and `fix`, indented. */
export function formatFindings(findings: readonly SchemaFinding[]): readonly string[] {
  return findings.flatMap(({ file, line, severity, rule, path, message, breaks, fix, against }) => [
    `${file}:${line}  ${severity}  ${rule}  ${path}  ${message}${against === undefined ? '' : ` (against ${against})`}`,
    `  breaks  ${breaks}`,
    `  fix     ${fix}`,
  ])
}
