// Client (b), a program: one HTTP/2 connection, a failed read retried once. Arguments: host port path CA-file; ends with its input.
import { readFileSync } from 'node:fs'
import { http2Connection, type Reconnect } from './http2-connection.js'
import { inputEnds, paced } from './paced.js'

export interface Http2Report {
  readonly reads: number
  readonly retried: number
  readonly reconnects: readonly Reconnect[]
  /** Unanswered also after the retry. */
  readonly failures: readonly { readonly at: string; readonly error: string; readonly ms: number }[]
  readonly slowestMs: number
  readonly latestStartMs: number
}

const main = async (): Promise<Http2Report> => {
  const [host = '', port = '', path = '', caFile = ''] = process.argv.slice(2)
  const target = { host, port: Number(port), path, ca: readFileSync(caFile), limitMs: 2000 }
  const connection = http2Connection(target, 1000)
  const failures: Http2Report['failures'][number][] = []
  let [reads, retries, slowestMs] = [0, 0, 0]
  let told = false
  const { latestStartMs } = await paced(
    async () => {
      const [at, started] = [new Date().toISOString(), performance.now()]
      reads += 1
      const { error, retried } = await connection.read()
      const ms = Math.round(performance.now() - started)
      if (retried) retries += 1
      if (error !== null) failures.push({ at, error, ms })
      else slowestMs = Math.max(slowestMs, ms)
      if (!told) process.stderr.write('reading\n')
      told = true
    },
    100,
    inputEnds(),
  )
  connection.close()
  return { reads, retried: retries, reconnects: connection.reconnects, failures, slowestMs, latestStartMs }
}

process.stdout.write(`${JSON.stringify(await main())}\n`)
