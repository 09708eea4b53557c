// A host taken out of its cluster again, and kubeadms whose joins fail or take their time.
import type { Lab } from './lab.js'

/** As an operator would by hand: nothing of khactl's is left to say that it was a member. */
export const unjoin = async (lab: Lab, host: string): Promise<void> => {
  await lab.kubectl('delete', 'node', host)
  await lab.on(host, 'kubeadm reset -f >/dev/null 2>&1; rm -rf /etc/kubernetes/manifests /etc/cni/net.d/*')
}

const real = '/usr/bin/kubeadm.real'

const standIn = async (lab: Lab, { host, join }: { readonly host: string; readonly join: string }): Promise<void> => {
  const script = `#!/bin/sh
[ "$1" = join ] || exec ${real} "$@"
${join}
`
  await lab.on(
    host,
    `[ -e ${real} ] || mv /usr/bin/kubeadm ${real}; cat >/usr/bin/kubeadm <<'EOF'\n${script}EOF\nchmod 755 /usr/bin/kubeadm`,
  )
}

export const realKubeadm = async (lab: Lab, host: string): Promise<void> => {
  await lab.on(host, `[ ! -e ${real} ] || mv -f ${real} /usr/bin/kubeadm`)
}

/** Prints all that it is given: as it is, in base64, and the token in two pieces. */
export const failingKubeadm = (lab: Lab, host: string): Promise<void> =>
  standIn(lab, {
    host,
    join: `given=$(cat)
printf '%s\\n' "$given"
printf '%s' "$given" | base64 -w 0; echo
token=$(printf '%s' "$given" | grep -oE '[a-z0-9]{6}\\.[a-z0-9]{16}' | head -n 1)
printf 'in two pieces: %.9s' "$token"; sleep 0.3; printf '%s\\n' "\${token#?????????}"
echo "error: the join of this test fails with $token" >&2
exit 1`,
  })

/** Time enough to end khactl while the join runs. */
export const slowKubeadm = (lab: Lab, host: string): Promise<void> =>
  standIn(lab, { host, join: `sleep 5; exec ${real} "$@"` })
