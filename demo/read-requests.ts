// Reads what became of requests, through the query API.

/** A request as GET /requests shows it, as far as the demo looks at it. */
export interface RequestRow {
  readonly requestId: string
  readonly status: string
  readonly reply: string
  readonly receivedAt: string | null
  readonly repliedAt: string | null
}

/** Every request received since a moment, by its id. */
export async function readRequests(url: string, since: Date): Promise<ReadonlyMap<string, RequestRow>> {
  const rows = new Map<string, RequestRow>()
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ from: since.toISOString(), limit: '500', ...(cursor !== null && { cursor }) })
    const page = await getJson<{ items: readonly RequestRow[]; next: string | null }>(
      `${url}/requests?${query.toString()}`,
    )
    for (const row of page.items) rows.set(row.requestId, row)
    cursor = page.next
  } while (cursor !== null)
  return rows
}

/** Gets JSON; throws on any answer but 200. */
export async function getJson<Body>(address: string): Promise<Body> {
  const response = await fetch(address, { signal: AbortSignal.timeout(20_000) })
  if (response.status !== 200) throw new Error(`${address}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Body
}
