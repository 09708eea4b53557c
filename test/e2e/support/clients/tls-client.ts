// Client (a), a program: a new TLS connection per read, no retry. Arguments: host port path CA-file; ends with its input.
import { readFileSync } from 'node:fs'
import { inputEnds, paced } from './paced.js'
import { tlsRead, type Phase } from './tls-read.js'

export interface TlsReport {
  readonly reads: number
  readonly failures: readonly {
    readonly at: string
    readonly phase: Phase
    readonly error: string
    readonly ms: number
  }[]
  /** Answered, after more than half a second: a packet was sent again. */
  readonly slow: readonly { readonly at: string; readonly ms: number }[]
  readonly slowestMs: number
  readonly latestStartMs: number
}

const main = async (): Promise<TlsReport> => {
  const [host = '', port = '', path = '', caFile = ''] = process.argv.slice(2)
  const target = { host, port: Number(port), path, ca: readFileSync(caFile), limitMs: 2000 }
  const failures: TlsReport['failures'][number][] = []
  const slow: TlsReport['slow'][number][] = []
  let [reads, slowestMs] = [0, 0]
  let told = false
  const { latestStartMs } = await paced(
    async () => {
      const at = new Date().toISOString()
      reads += 1
      const { phase, error, tookMs: ms } = await tlsRead(target)
      if (error !== null) failures.push({ at, phase, error, ms })
      else {
        slowestMs = Math.max(slowestMs, ms)
        if (ms > 500) slow.push({ at, ms })
      }
      if (!told) process.stderr.write('reading\n')
      told = true
    },
    100,
    inputEnds(),
  )
  return { reads, failures, slow, slowestMs, latestStartMs }
}

process.stdout.write(`${JSON.stringify(await main())}\n`)
