// Takes memory until there is no more, and holds on to it.
import { print, sleep } from 'wasi'

export function run(): void {
  let pages = 0
  while (memory.grow(16) >= 0) {
    pages += 16
    sleep(5)
  }
  print(`took ${pages / 16} MiB, and wants more`)
  unreachable()
}
