// Should run for ever, and ends at once, without an error.
import { print } from 'wasi'

export function run(): void {
  print('nothing to do')
}
