// A Deployment and a Service in the lab's cluster, made of the image of kube-proxy, which has busybox.
import { eventually, type Lab } from './lab.js'

const file = '/root/web.yaml'

interface Pod {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly nodeName: string }
  readonly status: { readonly podIP: string }
}

/** Two pods `web-…`, each on a node of its own and answering with its name at port 8080; a Service `web` at port 80. */
export const deployWeb = async (lab: Lab): Promise<void> => {
  const path = 'jsonpath={.spec.template.spec.containers[0].image}'
  const image = (await lab.kubectl('-n', 'kube-system', 'get', 'ds', 'kube-proxy', '-o', path)).trim()
  await lab.on('master-1', `cat >${file} <<'EOF'\n${webManifest(image)}\nEOF`)
  await lab.kubectl('apply', '-f', file)
  await lab.kubectl('rollout', 'status', 'deployment/web', '--timeout=180s')
}

export const removeWeb = async (lab: Lab): Promise<void> => {
  await lab.kubectl('delete', 'deployment,service', 'web')
  await lab.on('master-1', `rm ${file}`)
}

export const webPods = async (lab: Lab): Promise<readonly Pod[]> => {
  const told = await lab.kubectl('get', 'pods', '-l', 'app=web', '-o', 'json')
  return (JSON.parse(told) as { readonly items: readonly Pod[] }).items
}

/** Every pod reaches every one of these addresses. */
export const answered = async (lab: Lab, targets: readonly string[]): Promise<void> => {
  for (const from of await webPods(lab))
    for (const target of targets) {
      const fetch = `timeout 5 busybox wget -q -O - http://${target}/`
      // A watch of kube-proxy's that was opened while masters joined may tell of a new Service only when it is renewed.
      const { tookMs } = await eventually(
        () => lab.kubectl('exec', from.metadata.name, '--', 'sh', '-c', fetch).catch(() => ''),
        { within: 600_000, every: 2000, until: (seen) => seen.trim().startsWith('web-') },
      )
      if (tookMs > 5000) console.log(`${target} answered ${from.spec.nodeName} after ${Math.round(tookMs / 1000)} s`)
    }
}

const webManifest = (image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - { topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: web } } }
      containers:
        - name: web
          image: ${image}
          command: [sh, -c, 'mkdir -p /www && hostname >/www/index.html && exec busybox httpd -f -p 8080 -h /www']
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }`
