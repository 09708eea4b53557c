// Two clients that read through the VIP from the controller while a test changes the cluster.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { insideController } from '../../lab/network.js'
import type { Http2Report } from './clients/http2-client.js'
import type { TlsReport } from './clients/tls-client.js'
import type { Lab } from './lab.js'

export interface ClientReports {
  readonly tls: TlsReport
  readonly http2: Http2Report
}

export interface Clients {
  /** Waits for the reads under way. */
  stop(): Promise<ClientReports>
}

/** Anonymous and, as a quorum read, answered by etcd rather than out of an API server's memory. */
export const clusterInfo = '/api/v1/namespaces/kube-public/configmaps/cluster-info'

const root = resolve(import.meta.dirname, '../../..')

/** Resolves when both have had their first answer. */
export const startClients = async (
  lab: Lab,
  { name, vip, path = clusterInfo }: { readonly name: string; readonly vip: string; readonly path?: string },
): Promise<Clients> => {
  const folder = mkdtempSync(join(tmpdir(), 'khactl-clients-'))
  const ca = join(folder, 'ca.crt')
  writeFileSync(ca, await certificate(lab))
  const one = (program: string) =>
    client(
      insideController(
        name,
        process.execPath,
        '--import',
        'tsx',
        join(import.meta.dirname, 'clients', program),
        vip,
        '6443',
        path,
        ca,
      ),
    )
  const [tls, http2] = [one('tls-client.ts'), one('http2-client.ts')]
  await Promise.all([tls.reading, http2.reading])
  return {
    stop: async () => {
      const [a, b] = await Promise.all([tls.stop(), http2.stop()])
      rmSync(folder, { recursive: true })
      return { tls: JSON.parse(a) as TlsReport, http2: JSON.parse(b) as Http2Report }
    },
  }
}

const certificate = async (lab: Lab): Promise<string> => {
  const path = 'jsonpath={.clusters[0].cluster.certificate-authority-data}'
  return Buffer.from(await lab.kubectl('config', 'view', '--raw', '-o', path), 'base64').toString()
}

const client = (
  command: readonly string[],
): { readonly reading: Promise<void>; readonly stop: () => Promise<string> } => {
  const [program = '', ...args] = command
  // In the checkout's folder, where node finds the loader of TypeScript.
  const child = spawn(program, args, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  const ended = new Promise<string>((done, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? done(out) : reject(new Error(`a client: exit status ${code}\n${err}`))))
  })
  const reading = new Promise<void>((done, reject) => {
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString()
      if (err.includes('reading\n')) done()
    })
    ended.catch(reject)
  })
  return {
    reading,
    stop: () => {
      child.stdin.end()
      return ended
    },
  }
}
