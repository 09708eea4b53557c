// kubeadm beside a kubelet that cannot run: said while it waits, ended before kubeadm's own four minutes are over.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { wire } from '../../src/model/command.js'
import { KhactlError } from '../../src/model/error.js'
import { kubeadmFailure } from '../../src/steps/kubernetes/kubeadm-failure.js'
import { watchedKubeadm } from '../../src/steps/kubernetes/watched-kubeadm.js'
import { raw } from '../../src/text/sh.js'

const folder = mkdtempSync(join(tmpdir(), 'khactl-kubelet-'))
afterAll(() => rmSync(folder, { recursive: true }))

const stacks = Array.from({ length: 300 }, (_, at) => `goroutine ${at} [running]:\nmain.main()`).join('\n')
const journal = `Started kubelet: The Kubernetes Node Agent.
I1121 09:05:20.123456    1234 server.go:417] Version: v1.20.2
F1121 09:05:20.156789    1234 server.go:156] unknown flag: --no-such-flag
${stacks}
kubelet.service: Main process exited, code=exited, status=255/EXCEPTION
kubelet.service: Failed with result 'exit-code'.
`

/** The job as its unit runs it, with programs of ours for systemd's and kubeadm's. kubeadm writes the kubelet's configuration. */
const run = async (of: {
  readonly unit: string
  readonly kubeadm: string
  readonly journal?: string
  readonly beside?: string
  /** What a restart of the kubelet does beside being counted. */
  readonly restarted?: string
}) => {
  const bin = mkdtempSync(join(folder, 'bin-'))
  const program = (name: string, text: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  writeFileSync(join(bin, 'journal'), of.journal ?? journal)
  // Each question finds the kubelet started once more.
  program(
    'systemctl',
    `[ "$1" != restart ] || { echo x >>${bin}/restarts; ${of.restarted ?? ''} exit; }\ncase $3 in NRestarts) echo x >>${bin}/n; wc -l <${bin}/n;; ExecMainStatus) echo 255;; Result) echo exit-code;; ActiveState) echo '${of.unit.split('/')[0]}';; SubState) echo '${of.unit.split('/')[1]}';; esac`,
  )
  program('journalctl', `echo "$*" >>${bin}/asked\ncat ${bin}/journal`)
  // Files have the time of the kernel's last tick, which may lie in the second before the clock's.
  program('kubeadm', `touch -d "@$(($(date +%s)+1))" ${bin}/config\n${of.kubeadm}`)
  mkdirSync(join(bin, 'run'))
  mkdirSync(join(bin, 'pods'))
  const script = wire(
    watchedKubeadm({
      kubeadm: raw('kubeadm init --config /dev/stdin'),
      then: raw(`touch ${bin}/then`),
      beside: of.beside ?? '',
    }),
  )
    .replaceAll('/run/khactl/run', join(bin, 'run'))
    .replaceAll('/var/lib/kubelet/config.yaml', join(bin, 'config'))
    .replaceAll('/var/log/pods', join(bin, 'pods'))
  const child = spawn('sh', ['-c', `{ ${script}\n} 2>&1`], {
    env: { PATH: `${bin}:/usr/bin:/bin` },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end('the configuration')
  const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>])
  return { status, lines: stdout.trimEnd().split('\n'), then: existsSync(join(bin, 'then')), bin }
}

const failure = (status: number | null, tail: readonly string[]): KhactlError =>
  kubeadmFailure(new KhactlError('job.failed', { message: 'm', exit: 'failed', status, tail }), 'master-1')

describe.concurrent('kubeadm', () => {
  test('reads its input and is followed by what comes then', async () => {
    const { status, then, bin } = await run({ unit: 'active/running', kubeadm: `cat >"$(dirname "$0")/input"` })
    expect({ status, then }).toEqual({ status: 0, then: true })
    expect(readFileSync(join(bin, 'input'), 'utf8')).toBe('the configuration')
  })

  test('has beside it what lasts no longer than itself, and changes nothing for it', async () => {
    const beside = 'beside() { echo beside; while sleep 0.1; do echo x >>"$(command -v kubeadm).beside"; done; }\n'
    const kubeadm = 'cat >"$(dirname "$0")/input"; sleep 1'
    const { status, then, lines, bin } = await run({ unit: 'active/running', kubeadm, beside })
    expect({ status, then, lines }).toEqual({ status: 0, then: true, lines: ['beside'] })
    expect(readFileSync(join(bin, 'input'), 'utf8')).toBe('the configuration')
    const count = (): number => readFileSync(join(bin, 'kubeadm.beside'), 'utf8').length
    const ended = count()
    expect(ended).toBeGreaterThan(0)
    await pause(500)
    expect(count()).toBe(ended)
  })

  test('is ended when the kubelet is started again and again, with the line that the kubelet died of', async () => {
    const { status, lines, then } = await run({ unit: 'activating/auto-restart', kubeadm: 'exec sleep 50' })
    expect({ status, then }).toEqual({ status: 70, then: false })
    const why = 'the kubelet ended with exit status 255 and is started again and again: unknown flag: --no-such-flag'
    expect(lines.filter((line) => line === `waiting: ${why}`)).toHaveLength(1)
    expect(lines.filter((line) => line.startsWith('goroutine'))).toEqual([])
    expect(failure(status, lines)).toMatchObject({ code: 'kubelet.failed', message: `master-1: ${why}` })
  })

  const refusal = 'predicate.go:113] Failed to admit pod etcd-master-3_kube-system(5dc0) - preemption: no set of pods'
  /** Ends by itself, too, for a job that does not do what is waited for. */
  const until = (what: string) =>
    `d=$(dirname "$0"); i=0; until ${what} || [ $i -ge 100 ]; do i=$((i+1)); sleep 0.1; done; sleep 2.5`

  test('has the kubelet started again that refused a static pod, once for each refusal, and goes on', async () => {
    const { status, then, lines, bin } = await run({
      unit: 'active/running',
      journal: `W1121 22:41:51.522386    2055 ${refusal}\n`,
      // What the journal says does not go away: had it been started again for the same, it would have been by then.
      kubeadm: until('[ -e "$d/restarts" ]'),
    })
    expect({ status, then }).toEqual({ status: 0, then: true })
    expect(lines).toEqual([
      `waiting: the kubelet refused a static pod and is started again: ${refusal.replace(/^\S+ /, '')}`,
    ])
    expect(readFileSync(join(bin, 'restarts'), 'utf8')).toBe('x\n')
    expect(readFileSync(join(bin, 'asked'), 'utf8')).toMatch(/-u kubelet --since @\d+$/m)
  })

  test('has it started again three times at most', async () => {
    const { bin } = await run({
      unit: 'active/running',
      journal: `W1121 22:41:51.522386    2055 ${refusal}\n`,
      restarted: 'echo "Failed to admit pod etcd-master-3" >>"$(dirname "$0")/journal";',
      kubeadm: until('[ "$(wc -l <"$d/restarts")" -ge 3 ] 2>/dev/null'),
    })
    expect(readFileSync(join(bin, 'restarts'), 'utf8')).toBe('x\nx\nx\n')
  })

  test('leaves the kubelet alone that refused pods of others', async () => {
    const others = ['kube-flannel-ds-amd64-6wkdk_kube-system(1)', 'kube-proxy-ppz6f_kube-system(2)', 'web-1_default(3)']
    const { bin } = await run({
      unit: 'active/running',
      journal: others
        .map((pod) => `W1121 22:41:51.522386    2055 predicate.go:113] Failed to admit pod ${pod}\n`)
        .join(''),
      kubeadm: 'sleep 2.5',
    })
    expect(existsSync(join(bin, 'restarts'))).toBe(false)
    expect(existsSync(join(bin, 'asked'))).toBe(true)
  })

  test('that fails by itself says what the kubelet suffers from', async () => {
    const kubeadm = `echo "error execution phase wait-control-plane: couldn't initialize a Kubernetes cluster"; exit 1`
    const { status, lines } = await run({ unit: 'inactive/dead', kubeadm })
    expect(status).toBe(1)
    expect(failure(status, lines)).toMatchObject({
      code: 'kubeadm.failed',
      message:
        "kubeadm failed on master-1: the kubelet is stopped; wait-control-plane: couldn't initialize a Kubernetes cluster",
    })
  })
})
