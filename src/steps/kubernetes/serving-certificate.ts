// A master's API server holds every name it is called by: its certificate is made anew beside the living one, and swapped.
import { KhactlError } from '../../model/error.js'
import type { HostRef } from '../../model/fact.js'
import { map, see } from '../../model/look.js'
import type { Change, Problem, Step, Writer, Writers } from '../../model/step.js'
import {
  missingNames,
  readCertificate,
  servingCertificate,
  type ServingCertificate,
} from '../../facts/kubernetes/serving-names.js'
import { issue, late, prove, restart, shows, pki } from './serving-commands.js'

export interface ServingNames {
  readonly names: readonly string[]
  /** kubeadm's configuration for a certificate with these names in `newFolder`; holds no secret. */
  readonly config: string
  /** What keeps clients away while the API server restarts, if it must; null: nothing does. */
  readonly around: Around | null
}

export interface Around {
  /** Hosts that it writes to. */
  readonly hosts: readonly HostRef[]
  takeOut(at: Writers): Promise<void>
  /** Also after a restart that failed: whether this API server may be used is then for health checks to say. */
  putBack(at: Writers): Promise<void>
}

/** Id `kubeadm:certificate`. */
export const servingCertificateStep = (wanted: ServingNames): Step => ({
  id: 'kubeadm:certificate',
  title: "Put every name into the API server's certificate",
  after: [],
  writes: ['self', ...(wanted.around?.hosts ?? [])],
  settle: { within: 30_000, every: 1000 },
  look: map(see(servingCertificate()), (have) => ({
    changes: certificateChanges(wanted.names, have),
    problems: certificateProblems(wanted.names, have),
    apply: (at) => apply(at, { wanted, have }),
  })),
})

/**
 * Names that are in it beside the wanted ones are left: only what is missing is worth a new certificate (R-K3). However
 * many are, the API server may be away once.
 */
const certificateChanges = (names: readonly string[], have: ServingCertificate): readonly Change[] => {
  const { file, key, served } = have
  const lost = [...(file === null ? ['crt'] : []), ...(key === 'absent' ? ['key'] : [])]
  const all: readonly Omit<Change, 'impact'>[] = [
    ...lost.map((end) => ({ path: `${pki}/apiserver.${end}`, from: null, to: 'a new one' })),
    ...missingNames(names, file?.names ?? names).map((name) => ({
      path: `certificate of the API server name ${name}`,
      from: null,
      to: name,
    })),
    ...(served === 'another' && lost.length === 0
      ? [{ path: 'certificate that the API server shows', from: 'another', to: `${pki}/apiserver.crt` }]
      : []),
  ]
  return all.map((change, index) => ({ ...change, impact: index === 0 ? 'api-gap' : 'none' }))
}

const certificateProblems = (names: readonly string[], have: ServingCertificate): readonly Problem[] =>
  have.caKey === 'there' || !needsNew(names, have)
    ? []
    : [
        {
          level: 'failure',
          message: `the API server's certificate lacks ${lacks(names, have)}, and there is no ${pki}/ca.key to sign a new one`,
          hint: `Have your CA sign one for its present names and ${names.join(', ')}; put it at ${pki}/apiserver.crt, its key beside it.`,
        },
      ]

const needsNew = (names: readonly string[], { file, key }: ServingCertificate): boolean =>
  file === null || key === 'absent' || missingNames(names, file.names).length > 0

const lacks = (names: readonly string[], { file, key }: ServingCertificate): string => {
  if (file === null) return 'its file'
  return key === 'absent' ? 'its key' : missingNames(names, file.names).join(', ')
}

/** An API server from 1.17 on reads the files again within a minute, and nobody is cut off. One that does not is restarted. */
const apply = async (
  at: Writers,
  { wanted, have }: { readonly wanted: ServingNames; readonly have: ServingCertificate },
): Promise<void> => {
  const { self } = at
  const { names, config, around } = wanted
  const file = needsNew(names, have) ? await issued(self, config) : have.file
  const expires = file?.expires ?? 0
  const taken = await self.run(shows({ expires, seconds: 75 }), { within: 120_000, expect: [0, late] })
  if (taken.status === late) {
    await around?.takeOut(at)
    try {
      await self.run(restart, { within: 120_000 })
      const back = await self.run(shows({ expires, seconds: 240, untold: 'fine' }), {
        within: 300_000,
        expect: [0, late],
      })
      if (back.status === late) throw notBack(self)
    } finally {
      await around?.putBack(at)
    }
  }
  await self.run(prove(names), { within: 120_000 })
}

const issued = async (self: Writer, config: string) => {
  const { stdout } = await self.run(issue, { stdin: Buffer.from(config), within: 120_000 })
  return readCertificate(stdout.toString('utf8'))
}

const notBack = ({ host }: Writer): KhactlError =>
  new KhactlError('kubeadm.certificate', {
    message: `the API server of ${host} does not answer with its new certificate after a restart`,
    exit: 'failed',
    hint: `Look at crictl logs of kube-apiserver on ${host}. The certificate before this one: ${pki}/apiserver.*.khactl-before.`,
  })
