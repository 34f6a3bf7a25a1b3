/** The largest record that is sent, in bytes: brokers take batches of 1 MiB unless they are told otherwise. */
export const maxRecordBytes = 1_000_000
