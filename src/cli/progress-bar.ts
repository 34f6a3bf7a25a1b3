// A progress bar for long work: one line, drawn again in place on a terminal, one line every tenth of the way elsewhere.

export interface ProgressBar {
  /** `done` of `total` so far; `note` stands behind the bar. */
  update(done: number, total: number, note?: string): void
  end(): void
}

export interface ProgressOutput {
  write(text: string): void
  readonly interactive: boolean
}

/** Makes a bar; `now` is in milliseconds and serves rate and time left. */
export function progressBar(label: string, output: ProgressOutput, now: () => number): ProgressBar {
  const startedAt = now()
  let drawnAt = -Infinity
  let tenth = -1
  const draw = (done: number, total: number, note: string): string => {
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const seconds = (now() - startedAt) / 1000
    const rate = seconds > 0 ? done / seconds : 0
    const left = rate > 0 ? `${Math.ceil((total - done) / rate)} s left` : ''
    const bar = '█'.repeat(Math.round(share * 30)).padEnd(30, '░')
    return `${label} ${bar} ${done.toLocaleString('en')}/${total.toLocaleString('en')}  ${Math.round(rate).toLocaleString('en')}/s  ${left}  ${note}`.trimEnd()
  }
  return {
    update(done, total, note = '') {
      if (output.interactive) {
        if (now() - drawnAt < 100 && done < total) return
        drawnAt = now()
        output.write(`\r\u001B[2K${draw(done, total, note)}`)
        return
      }
      const reached = total === 0 ? 10 : Math.floor((done / total) * 10)
      if (reached === tenth) return
      tenth = reached
      output.write(`${draw(done, total, note)}\n`)
    },
    end() {
      if (output.interactive) output.write('\n')
    },
  }
}
