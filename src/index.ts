export { MillraceError } from './errors/millrace-error.ts'
