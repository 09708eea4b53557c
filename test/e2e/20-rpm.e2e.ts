// Must show 7: the same `up` on dnf hosts, once from a repository and once from a directory of rpm files.
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { eventually, freshLab, reused, type Lab } from './support/lab.js'
import { planOf, upOf } from './support/plan.js'

let lab: Lab | null = null
afterAll(async () => {
  if (!reused) await lab?.lab('down')
})

const readyNodes = async (of: Lab): Promise<number> =>
  (await of.kubectl('get', 'nodes', '--no-headers')).split('\n').filter((line) => / Ready /.test(line)).length

const proves = async (of: Lab): Promise<void> => {
  expect((await planOf(of, { exit: 2 })).summary.failures).toBe(0)
  await upOf(of, { exit: 0 })
  await eventually(() => readyNodes(of), { within: 120_000, until: (count) => count === 2 })
  expect((await upOf(of, { exit: 0 })).changed).toEqual([])
  const held = await of.on('master-1', 'dnf versionlock list 2>/dev/null')
  for (const name of ['kubelet', 'kubeadm', 'kubectl', 'containerd']) expect(held).toContain(name)
}

describe('rpm hosts', () => {
  test('from a repository: ends Ready, and a second run changes nothing', async () => {
    lab = await freshLab('e2e-rpm', 'rpm')
    await proves(lab)
  })

  test('from a directory of rpm files: ends Ready, and a second run changes nothing', async () => {
    lab = await freshLab('e2e-rpm', 'rpm')
    const text = readFileSync(lab.inventory, 'utf8')
    const edited = text.replace(
      /\n {2}packages:\n(?: {4}.*\n)+/,
      '\n  packages:\n    source: directory\n    directory: ./packages-rpm\n',
    )
    expect(edited).not.toBe(text)
    writeFileSync(lab.inventory, edited)
    await lab.on('master-1', '! rpm -q kubelet && ! rpm -q containerd')
    await proves(lab)
    expect(await lab.on('worker-1', 'ls /etc/yum.repos.d')).not.toContain('khactl')
  })
})
