// --host: what is understood, and what is said to what is not.
import { expect, it } from 'vitest'
import { parseHostFlag } from '../../src/cli/host-flag.js'
import { KhactlError } from '../../src/model/error.js'

it.each([
  ['name=master-4,address=10.0.0.24', { name: 'master-4', address: '10.0.0.24' }],
  [' name=master-4 , address=10.0.0.24 ', { name: 'master-4', address: '10.0.0.24' }],
  ['master-4=10.0.0.24', { name: 'master-4', address: '10.0.0.24' }],
  [
    'master-4=master-4.example,nodeIP=10.0.0.24',
    { name: 'master-4', address: 'master-4.example', nodeIP: '10.0.0.24' },
  ],
  ['name1=10.0.0.24', { name: 'name1', address: '10.0.0.24' }],
  ['name=master-4', { name: 'master-4' }],
  ['master-4', { name: 'master-4' }],
  [
    'name=w,address=10.0.0.4,interface=eth1,label.zone=a,label.topology.kubernetes.io/zone=b,taint=k=v:NoSchedule,taint=x:NoExecute',
    {
      ...{ name: 'w', address: '10.0.0.4', interface: 'eth1', taints: ['k=v:NoSchedule', 'x:NoExecute'] },
      labels: { zone: 'a', 'topology.kubernetes.io/zone': 'b' },
    },
  ],
  [
    'name=w,address=10.0.0.4,user=ubuntu,port=2222,key=~/.ssh/a',
    { name: 'w', address: '10.0.0.4', ssh: { user: 'ubuntu', port: 2222, key: '~/.ssh/a' } },
  ],
  [
    'name=w,address=10.0.0.4,jump=admin@bastion:2222,client=system',
    { name: 'w', address: '10.0.0.4', ssh: { jump: 'admin@bastion:2222', client: 'system' } },
  ],
  ['name=w,address=10.0.0.4,key=a,key=b', { name: 'w', address: '10.0.0.4', ssh: { keys: ['a', 'b'] } }],
])('%s', (text, host) => expect(parseHostFlag(text)).toEqual(host))

it.each([
  ['', /a part has no key/, /^Write --host name=/],
  ['address=10.0.0.24', /the name of the host is missing/, /^Write --host name=/],
  ['name=m,adress=10.0.0.24', /`adress` is not known/, /^Did you mean `address`\?$/],
  ['nmae=m,address=10.0.0.24', /`nmae` is not known/, /^Did you mean `name`\?$/],
  ['nmae=m', /`nmae` is not known/, /^Did you mean `name`\?$/],
  ['name=m,address=10.0.0.24,zzz=1', /`zzz` is not known/, /^There are: name, address/],
  ['name=m,address=10.0.0.24,label.KEY!=1', /is not a label key/, /^Write something like/],
  ['name=m,address=10.0.0.24,name=n', /`name` is given twice/, /once/],
  ['name=m,address=10.0.0.24,label.spare=', /`label.spare` has no value/, /leave it out/],
  ['name=m,address=', /`address` has no value/, /address=…/],
  ['name=m,user=root', /the address of m is missing/, /is named alone/],
  ['name=Master_4,address=10.0.0.24', /cannot be a node name/, /Write `master-4`/],
  ['name=Master_4', /cannot be a node name/, /Write `master-4`/],
  ['name=m,address=10.0.0.256', /is not an IPv4 address/, /four numbers/],
  ['name=m[1:2],address=10.0.0.[1:2]', /a range is not possible here/, /once for each host/],
  ['name=m,address=10.0.0.24,port=ssh', /`port`/, /port=22/],
  ['name=m,address=10.0.0.24,port=70000', /70000 is not a whole number/, /22/],
  ['name=m,address=10.0.0.24,taint=k=v:NoSchedul', /is not the effect of a taint/, /NoSchedule/],
  ['name=m,address=10.0.0.24,agent=no', /`agent` cannot be that/, /^Write agent=use or named or ignore\.$/],
])('%s is refused', (text, message, hint) => {
  try {
    parseHostFlag(text)
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(KhactlError)
    expect(error).toMatchObject({ code: 'cli.host', details: { exit: 'usage' } })
    expect((error as KhactlError).message).toMatch(message)
    expect((error as KhactlError).details.hint).toMatch(hint)
  }
})
