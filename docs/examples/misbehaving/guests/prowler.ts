// Scans the host: opens one file after the other that it was never given, and goes on whatever it is told.
import { print, sleep } from 'wasi'

@external('wasi:filesystem/preopens@0.2.12', 'get-directories')
declare function getDirectories(result: usize): void
@external('wasi:filesystem/types@0.2.12', '[method]descriptor.open-at')
declare function openAt(
  directory: i32, pathFlags: i32, path: usize, pathLength: i32, openFlags: i32, flags: i32, result: usize,
): void

const result: usize = memory.data(12, 4)
const wanted = ['etc/passwd', 'etc/group', 'etc/hosts', 'usr/bin', 'var/log', 'root/.ssh', 'home', 'proc/1/environ']

export function run(): void {
  getDirectories(result)
  const root = load<i32>(load<usize>(result))
  for (;;) {
    let opened = 0
    for (let index = 0; index < wanted.length; index++) if (opens(root, wanted[index])) opened++
    print(`looked at ${wanted.length} files that are not mine: ${opened} opened`)
    sleep(500)
  }
}

function opens(root: i32, path: string): bool {
  const bytes = String.UTF8.encode(path)
  openAt(root, 0, changetype<usize>(bytes), bytes.byteLength, 0, 1, result)
  return load<u8>(result) == 0
}
