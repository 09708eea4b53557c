// Asks the API through the VIP ten times a second from the controller, and tells how long it did not answer.
import type { Lab } from './lab.js'

export interface Probe {
  /** Longest time without an answer, milliseconds. */
  stop(): Promise<{ readonly longestGapMs: number; readonly answers: number }>
}

const loop = (vip: string, seconds: number): string => `
end=$(( $(date +%s) + ${seconds} ))
while [ "$(date +%s)" -lt "$end" ] && [ ! -e "$1" ]; do
  if [ "$(curl -sk -m 1 -o /dev/null -w '%{http_code}' https://${vip}:6443/readyz)" = 200 ]; then
    echo "$(date +%s%3N)"; fi
  sleep 0.1
done
date +%s%3N`

/** \`flag\`: a file that ends the loop; it must not exist. */
export const startProbe = (
  lab: Lab,
  { vip, flag, seconds = 300 }: { readonly vip: string; readonly flag: string; readonly seconds?: number },
): Probe => {
  const started = Date.now()
  const running = lab.lab('exec', '--', 'bash', '-c', loop(vip, seconds), 'probe', flag)
  return {
    stop: async () => {
      const { writeFileSync, rmSync } = await import('node:fs')
      writeFileSync(flag, '')
      const { stdout } = await running
      rmSync(flag)
      const times = stdout.trim().split('\n').map(Number)
      const last = times.at(-1) ?? Date.now()
      const answers = times.slice(0, -1)
      const points = [answers[0] ?? started, ...answers, last]
      const gaps = points.slice(1).map((at, index) => at - (points[index] ?? at))
      return { longestGapMs: Math.max(...gaps), answers: answers.length }
    },
  }
}
