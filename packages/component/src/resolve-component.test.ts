import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveComponent } from './resolve-component.js'

let root = ''

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-resolve-')))
  mkdirSync(join(root, 'node_modules/@scope/pkg/dist'), { recursive: true })
  mkdirSync(join(root, 'node_modules/plain'), { recursive: true })
  mkdirSync(join(root, 'project/deep'), { recursive: true })
  writeFileSync(join(root, 'node_modules/@scope/pkg/package.json'), '{"main":"./throws.js"}')
  writeFileSync(join(root, 'node_modules/plain/package.json'), 'not even json')
  writeFileSync(join(root, 'node_modules/@scope/pkg/dist/app.wasm'), '')
  writeFileSync(join(root, 'node_modules/plain/app.wasm'), '')
  writeFileSync(join(root, 'outside.wasm'), '')
  writeFileSync(join(root, 'project/app.wasm'), '')
  symlinkSync(join(root, 'outside.wasm'), join(root, 'node_modules/plain/link.wasm'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const resolve = (reference: string) => resolveComponent(reference, { from: join(root, 'project/deep') })

test('paths start at `from`, or at the root', () => {
  expect(resolve('../app.wasm')).toBe(join(root, 'project/app.wasm'))
  expect(resolve(join(root, 'outside.wasm'))).toBe(join(root, 'outside.wasm'))
})

test('packages are looked for upwards', () => {
  expect(resolve('npm:@scope/pkg/dist/app.wasm')).toBe(join(root, 'node_modules/@scope/pkg/dist/app.wasm'))
  expect(resolve('npm:plain/app.wasm')).toBe(join(root, 'node_modules/plain/app.wasm'))
})

test.each([
  ['app.wasm', /there is no file `app.wasm`/, /npm:/],
  ['./app.wasm', /there is no file/, /check the path/],
  ['..', /is a directory/, /name the .wasm file/],
  ['', /is not a path/, undefined],
  ['a\0b', /is not a path/, undefined],
  ['npm:missing/app.wasm', /`missing` is not installed/, /^npm install missing$/],
  ['npm:@scope/other/app.wasm', /`@scope\/other` is not installed/, /^npm install @scope\/other$/],
  ['npm:plain/nothing.wasm', /has no file `nothing.wasm`/, /npm install plain/],
  ['npm:plain', /names no file/, /npm:PACKAGE/],
  ['npm:../outside.wasm', /names no file/, undefined],
  ['npm:@scope/../x.wasm', /names no file|not installed|leaves/, undefined],
  ['npm:plain/../../outside.wasm', /leaves the package/, undefined],
  ['npm:plain/link.wasm', /leaves the package/, undefined],
])('%s is not found', (reference, message, hint) => {
  const error = expect.objectContaining({
    code: 'component-not-found',
    message: expect.stringMatching(message),
    ...(hint === undefined ? {} : { hint: expect.stringMatching(hint) }),
  })
  expect(() => resolve(reference)).toThrow(error)
})
