// The gate before a master joins, run by a real shell: whom it asks, and what it takes for well.
import { execFile, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HostName } from '../../src/model/host.js'
import { wire } from '../../src/model/command.js'
import { awaitQuorum } from '../../src/steps/kubernetes/quorum.js'

const folder = mkdtempSync(join(tmpdir(), 'khactl-gate-'))
const calls = join(folder, 'calls')
/** Stands for etcd in its container: a process that has the flag which kubeadm gives etcd. */
const etcd = spawn('sh', ['-c', 'read -r _', 'etcd', '--trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt'])

const tool = (name: string, text: string): void => {
  writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >>${calls}\n${text}\n`)
  chmodSync(join(folder, name), 0o755)
}
beforeAll(() => {
  tool(
    'nsenter',
    `case "$*" in *'member list'*)
  echo '1, started, master-1, https://10.0.0.21:2380, https://10.0.0.21:2379, false';; esac`,
  )
  tool('kubectl', ':')
})
afterAll(() => {
  etcd.kill()
  rmSync(folder, { recursive: true })
})

test('asks the etcdctl of the running container, every API server by itself, and nobody through `kubectl exec`', async () => {
  let said = ''
  await awaitQuorum({
    host: 'master-1' as HostName,
    run: async (command) => {
      const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
      const { stdout } = await promisify(execFile)('sh', ['-c', wire(command)], { env })
      said = stdout
      return { status: 0, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) }
    },
  })
  expect(said).toBe('')
  const asked = readFileSync(calls, 'utf8').trim().split('\n')
  expect(asked.map((line) => line.replace(/--(endpoints|cacert|cert|key) \S+ /g, '').replace(/-t \d+ /, ''))).toEqual([
    'nsenter -m etcdctl member list',
    'nsenter -m etcdctl endpoint health --cluster',
    expect.stringContaining('--server https://10.0.0.21:6443'),
  ])
})
