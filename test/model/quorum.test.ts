import { describe, expect, test } from 'vitest'
import { additionFault, majority, removalFault, tally, tallyText, type Vote } from '../../src/model/quorum.js'

const votes = (answers: string): readonly Vote[] =>
  answers.split('').map((answer, index) => ({
    id: `${index + 1}`,
    name: answer === 'u' ? '' : `m${index + 1}`,
    peerUrls: [`https://10.0.0.${index + 1}:2380`],
    part: answer === 'l' ? 'learner' : answer === 'u' ? 'unstarted' : 'voter',
    answers: answer === 'y' || answer === 'l' ? 'yes' : 'no',
  }))

describe('every etcd of one to five members, with every set of silent ones', () => {
  const all = [1, 2, 3, 4, 5].flatMap((size) =>
    Array.from({ length: 2 ** size }, (_, set) =>
      Array.from({ length: size }, (_unused, at) => ((set >> at) & 1 ? 'n' : 'y')).join(''),
    ),
  )
  test.each(all)('%s', (answers) => {
    const members = votes(answers)
    for (const [at, member] of members.entries()) {
      const rest = answers.split('').filter((_, index) => index !== at)
      const up = (of: readonly string[]): number => of.filter((answer) => answer === 'y').length
      const may = up(answers.split('')) > answers.length / 2 && rest.length > 0 && up(rest) > rest.length / 2
      expect(removalFault(members, member) === null, `${answers} without member ${at + 1}`).toBe(may)
    }
    expect(additionFault(members) === null).toBe(!answers.includes('n'))
  })
})

test('what stands in the way is told with its arithmetic', () => {
  const [first, , third] = votes('ynn')
  if (!first || !third) throw new Error('three members')
  expect(removalFault(votes('ynn'), third)).toBe(
    'etcd has lost its quorum already (3 members, 1 answers, 2 are needed), so it can take nobody out',
  )
  expect(removalFault(votes('yyn'), first)).toBe(
    'the rest of etcd would have no quorum (2 members, 1 answers, 2 are needed)',
  )
  expect(removalFault(votes('y'), first)).toBe('it is the last member of etcd')
  expect(additionFault(votes('yyu'))).toBe(
    'etcd has a member that does not answer (https://10.0.0.3:2380; 3 members, 2 answer, 2 are needed), and one more member would make the majority larger',
  )
})

test('a learner does not vote, and may go at any time while there is a quorum', () => {
  const members = votes('yyl')
  expect(tallyText(tally(members))).toBe('2 members, 2 answer, 2 are needed')
  expect(members.map((member) => removalFault(members, member) === null)).toEqual([true, true, true])
})

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
])('of %d members %d decide', (members, needed) => expect(majority(members)).toBe(needed))
