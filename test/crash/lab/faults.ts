// What strikes: each fault as what is done to the run or to a host, and what is put right before the next run.
import type { Lab } from '../../e2e/support/lab.js'
import { run } from '../../e2e/support/lab.js'
import { insideController } from '../../lab/network.js'
import { emptyDisks, fillDisks } from './disk.js'

export interface Strike {
  readonly name: string
  readonly lab: Lab
  /** Whose lane stands at the point. */
  readonly host: string
  readonly kill: () => void
}

export interface Fault {
  readonly title: string
  /** Whose lanes it strikes. */
  readonly strikes: 'all' | 'host'
  /** How often kubeadm init and join may begin on a host. */
  readonly bodies: 'once' | 'any number'
  /** khactl stands still meanwhile. */
  strike(of: Strike): Promise<void>
  /** Before the next run. */
  repair(of: Pick<Strike, 'name' | 'lab'>): Promise<void>
}

const nothing = (): Promise<void> => Promise.resolve()

const must = async (what: string, command: readonly string[]): Promise<void> => {
  const { status, stdout, stderr } = await run(command)
  if (status !== 0) throw new Error(`${what}: exit status ${status}\n${stdout}\n${stderr}`)
}

export const faults = {
  kill: {
    title: 'SIGKILL of khactl',
    strikes: 'all',
    bodies: 'once',
    strike: async ({ kill }) => kill(),
    repair: nothing,
  },
  cut: {
    title: 'every TCP connection cut',
    strikes: 'all',
    bodies: 'once',
    strike: ({ name }) => must('ss -K', insideController(name, 'ss', '-K', '-H', '-t', 'dport', '=', ':22')),
    repair: nothing,
  },
  sshd: {
    title: 'sshd restarted with all its sessions',
    strikes: 'host',
    bodies: 'once',
    // The root shells are in its group, too.
    strike: async ({ lab, host }) => {
      await lab.on(host, 'systemctl kill --signal=KILL ssh.service; systemctl reset-failed ssh; systemctl restart ssh')
    },
    repair: nothing,
  },
  power: {
    title: 'power cut of the host',
    strikes: 'host',
    bodies: 'any number',
    strike: async ({ lab, host }) => {
      await lab.lab('kill', host)
      const { status, stderr } = await lab.lab('boot', host)
      if (status !== 0) throw new Error(`boot ${host}: ${stderr}`)
    },
    repair: nothing,
  },
  disk: {
    title: 'disk of the hosts full',
    strikes: 'all',
    bodies: 'any number',
    strike: ({ name }) => fillDisks(name),
    repair: ({ name }) => emptyDisks(name),
  },
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof faults
