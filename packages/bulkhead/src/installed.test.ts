import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { assertInstalled } from './installed.js'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-installed-')))
  mkdirSync(join(folder, 'dist'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const place = () => pathToFileURL(join(folder, 'dist/host.js')).href

it('is satisfied in its own package', () => {
  writeFileSync(join(folder, 'package.json'), '{ "name": "bulkhead" }')
  expect(() => assertInstalled(place())).not.toThrow()
})

it.each([undefined, '{ "name": "shop" }', '{}', 'not json'])('says so in a bundle whose package.json is %s', (text) => {
  if (text !== undefined) writeFileSync(join(folder, 'package.json'), text)
  expect(() => assertInstalled(place())).toThrow(expect.objectContaining({ code: 'not-installed' }))
})

it('says so in a bundle for CommonJS, which has no URL', () => {
  expect(() => assertInstalled(undefined)).toThrow(/runs as a package/)
})
