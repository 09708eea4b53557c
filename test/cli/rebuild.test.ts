// The disaster flag of khactl remove: typed in full, for the dead alone, and with the cluster's name beside it.
import { describe, expect, test } from 'vitest'
import { confirmName } from '../../src/cli/confirm-name.js'
import { main } from '../../src/cli/main.js'
import { fakeIo } from './fake-io.js'

const flag = '--rebuild-etcd-from-one-survivor'

describe('on the command line', () => {
  test.each([
    [['--dead', '--rebuild'], "unknown option '--rebuild'"],
    [['--dead', flag.slice(0, -1)], `unknown option '${flag.slice(0, -1)}'`],
    [[flag], `${flag} is for hosts that are --dead`],
    [['--dead', '--confirm', 'prod'], `--confirm is for ${flag}`],
  ])('%j is refused before an inventory is read', async (flags, message) => {
    const fake = fakeIo()
    expect(await main(['remove', 'master-2', ...flags], fake.io)).toBe(3)
    expect(fake.err()).toContain(message)
    expect(fake.err()).not.toContain('inventory')
  })

  test('in full it goes on to the inventory', async () => {
    const fake = fakeIo()
    expect(await main(['remove', 'master-2', '--dead', flag, '--yes'], fake.io)).toBe(3)
    expect(fake.err()).toContain('inventory.yaml cannot be read')
  })
})

describe('the name', () => {
  const signal = new AbortController().signal
  const asked = (given: string | null, terminal: boolean) => {
    const fake = fakeIo({ terminal })
    return { fake, reply: confirmName('Really?', { io: fake.io, signal, name: 'prod', given }) }
  }

  test('given in advance is enough, where nobody can type too', () =>
    expect(asked('prod', false).reply).resolves.toBe('yes'))

  test('of another cluster is a mistake, and is not asked again', () =>
    expect(asked('staging', true).reply).rejects.toMatchObject({ code: 'cli.confirm', details: { exit: 'usage' } }))

  test('cannot be left out where nobody can type it', () =>
    expect(asked(null, false).reply).rejects.toMatchObject({ code: 'cli.no-terminal' }))

  test.each([
    ['prod\r', 'yes'],
    ['yes\r', 'no'],
    ['pro\r', 'no'],
    ['\r', 'no'],
  ])('typed as %j is %s', async (typed, said) => {
    const { fake, reply } = asked(null, true)
    fake.type(typed)
    expect(await reply).toBe(said)
  })
})
