// A progress bar: one line drawn again in place on a terminal, one line every tenth of the way elsewhere.

/** Draws how far something is. */
export type Progress = (done: number, total: number) => void

/** Makes a bar with a label; it ends its line when `done` reaches `total`. */
export function progress(label: string, isTerminal: boolean, write: (text: string) => void): Progress {
  let drawn = ''
  return (done, total) => {
    const tenth = Math.floor((done / total) * (isTerminal ? 40 : 10))
    const bar = '█'.repeat(Math.round((done / total) * 30)).padEnd(30, '░')
    const line = `${label.padEnd(9)} ${bar} ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
    const key = isTerminal ? line : String(tenth)
    if (key === drawn) return
    drawn = key
    write(isTerminal ? `\r\u001B[2K${line}${done === total ? '\n' : ''}` : `${line}\n`)
  }
}
