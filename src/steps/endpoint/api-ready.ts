// Asks masters that just joined whether their API server is ready, before haproxy sends them anybody.
import { askApi } from '../../facts/kubernetes/api.js'
import { KhactlError } from '../../model/error.js'
import type { HostName } from '../../model/host.js'
import { join, raw } from '../../text/sh.js'
import type { Guard } from './checked-config.js'

const notReady = 68

/** Waits up to 20 s for each; who is not ready then is named, and nothing is changed. */
export const apiReady = (hosts: readonly HostName[]): Guard => ({
  hosts,
  pass: async (at) => {
    const answers = await Promise.all(
      hosts.map(async (host) => {
        const answer = await (await at.at({ host })).run(join([askApi, raw(wait)], '\n'), { expect: [0, notReady] })
        return { host, answer }
      }),
    )
    const missing = answers.filter(({ answer }) => answer.status === notReady)
    if (missing.length === 0) return
    const names = missing.map(({ host }) => host)
    throw new KhactlError('endpoint.not-ready', {
      message: `${names.join(', ')}: the API server is not ready, so haproxy.cfg stays without it`,
      hint: `Look at it: crictl ps, crictl logs, on ${names[0]}. The next khactl up goes on from here.`,
      exit: 'failed',
      tail: missing.map(({ host, answer }) => `${host}: ${answer.stdout.toString('utf8').trim()}`),
    })
  },
})

const wait = `i=0; until a=$(answer_of_own_api /readyz); case $a in *"<200>"*) true;; *) false;; esac; do
  i=$((i+1)); [ $i -lt 20 ] || { echo "/readyz says $a"; exit ${notReady}; }
  sleep 1
done`
