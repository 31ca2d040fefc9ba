// The guest that uses the interface of a host application, made of JavaScript.
import { readFileSync } from 'node:fs'
import { componentFromJavaScript } from '../messages/component-from-javascript.mjs'
import { plugInWit } from './offered.mjs'

const source = new URL('./plug-in.js', import.meta.url)
const builder = new URL('../messages/component-from-javascript.mjs', import.meta.url)

/** @param {URL[]} common */
export function interfaceGuests(common) {
  return [
    {
      name: 'interfaces-plug-in',
      sources: [...common, source, builder, new URL('./offered.mjs', import.meta.url)],
      make: () => componentFromJavaScript(readFileSync(source, 'utf8'), 'plug-in', plugInWit),
    },
  ]
}
