// The operator as a command component: each argument is a command; the answers are printed.

import { args, print } from 'wasi'
import { obey } from './operator'

export function run(): void {
  const lines = args()
  for (let index = 0; index < lines.length; index++) print(obey(lines[index]))
}
