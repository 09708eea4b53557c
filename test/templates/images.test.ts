// Images by version, and the merge of the operator's configuration.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { controlPlaneImages, defaultImageRepository, pauseImage } from '../../src/templates/images.js'
import { mergeJson } from '../../src/templates/merge-json.js'
import { cluster, version } from './fixtures.js'
import { expectGolden } from './golden.js'

describe('images', () => {
  it('golden of every minor version', () => {
    const minors = Array.from({ length: 15 }, (_, index) => `1.${20 + index}.0`)
    const all = minors.flatMap((text) => [`# ${text}`, ...controlPlaneImages(cluster(text))])
    expectGolden('images.txt', `${all.join('\n')}\n`)
  })

  it('keeps CoreDNS flat in a repository of one’s own, and the pause image the operator names', () => {
    const own = cluster('1.28.4', { imageRepository: '10.9.0.1:5000/google_containers' })
    expect(controlPlaneImages(own).at(-1)).toBe('10.9.0.1:5000/google_containers/coredns:v1.10.1')
    expect(pauseImage(own)).toBe('10.9.0.1:5000/google_containers/pause:3.9')
    expect(pauseImage({ ...own, containerd: { ...own.containerd, pauseImage: 'a/pause:1' } })).toBe('a/pause:1')
  })

  it.each([
    ['1.20.2', 'k8s.gcr.io'],
    ['1.22.16', 'k8s.gcr.io'],
    ['1.22.17', 'registry.k8s.io'],
    ['1.24.8', 'k8s.gcr.io'],
    ['1.24.9', 'registry.k8s.io'],
    ['1.25.0', 'registry.k8s.io'],
  ])('%s comes from %s', (text, repository) => expect(defaultImageRepository(version(text))).toBe(repository))
})

describe('mergeJson', () => {
  it('merges objects, replaces all else and removes on null', () => {
    const below = { a: { b: 1, c: [1, 2], d: 'x' }, e: 1 }
    expect(mergeJson(below, { a: { c: [3], d: null }, e: { f: null, g: 2 } })).toEqual({
      a: { b: 1, c: [3] },
      e: { g: 2 },
    })
    expect(below).toEqual({ a: { b: 1, c: [1, 2], d: 'x' }, e: 1 })
  })

  it('says the same when it is done twice', () => {
    const json = fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.dictionary(fc.string(), fc.integer())))
    fc.assert(
      fc.property(json, json, (below, over) => {
        const once = mergeJson(below, over)
        expect(mergeJson(once, over)).toEqual(once)
      }),
    )
  })
})
