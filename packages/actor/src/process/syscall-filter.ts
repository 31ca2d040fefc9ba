// A program for the kernel's system call filter (seccomp), in the kernel's own byte code.
//
// Name spaces do not close everything. A Unix socket that lies in a granted directory can be connected to from inside,
// whatever network name space one is in; anonymous memory files are charged to no limit of a process; a shell in a
// writable directory can be started through the dynamic loader, which has to be there. So the process that runs an actor
// makes no sockets, no memory files and no processes. Memory to share with others (System V's, or mapped without a file)
// is like a memory file: it stays when a process gives its pages back, where neither a limit of data nor a look at what the
// process holds sees it. A mapping that grows downwards counts as a stack, which no limit of data counts either.
// Nor does it leave files behind that run with their owner's rights, which may be root's, device files or pipes: no guest
// of ours can make such; nor does it read what the kernel has to say of the host. What Node itself needs (threads, pipes,
// its inherited sockets) goes on.
//
// `execve` cannot be refused: bubblewrap installs the filter and then executes Node. Executing another program in the
// actor's own place gains nothing that the actor did not have, and ends it.

/** Number of each system call by architecture: arm64 uses the kernel's generic table. */
type Architecture = {
  readonly audit: number
  /** From here on the numbers belong to another calling convention of the same processor. */
  readonly foreignFrom: number | undefined
  readonly refused: readonly number[]
  /** Refused as if the kernel did not know them: callers then take an older way, which is looked at. */
  readonly unknown: readonly number[]
  /** Allowed only for a thread of the same process. */
  readonly clone: number
  /** Allowed unless the memory is shared and has no file, or is a stack. */
  readonly map: number
  /** Allowed unless the file would run with its owner's rights: where the mode is among the arguments. */
  readonly modes: readonly { readonly number: number; readonly argument: number }[]
}

// socket, socketpair, connect, bind, listen, accept, accept4, fork, vfork, ptrace, process_vm_readv, process_vm_writev,
// kcmp, bpf, perf_event_open, userfaultfd, add_key, request_key, keyctl, mount, umount2, pivot_root, chroot, unshare, setns,
// memfd_create, name_to_handle_at, open_by_handle_at, personality, mknod, mknodat, chmod, fchmod, fchmodat,
// shmget, shmat, shmctl, shmdt, semget, semop, semctl, semtimedop, msgget, msgsnd, msgrcv, msgctl, mq_open, syslog
const refusedX64 = [
  41, 53, 42, 49, 50, 43, 288, 57, 58, 101, 310, 311, 312, 321, 298, 323, 248, 249, 250, 165, 166, 155, 161, 272, 308,
  319, 303, 304, 135, 133, 259, 90, 91, 268, 29, 30, 31, 67, 64, 65, 66, 220, 68, 69, 70, 71, 240, 103,
]
const refusedArm64 = [
  198, 199, 203, 200, 201, 202, 242, 117, 270, 271, 272, 280, 241, 282, 217, 218, 219, 40, 39, 41, 51, 97, 268, 279,
  264, 265, 92, 33, 52, 53, 194, 196, 195, 197, 190, 193, 191, 192, 186, 189, 188, 187, 180, 116,
]
// open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, pidfd_open, pidfd_getfd, mount_setattr, memfd_secret, fchmodat2
const refusedEverywhere = [428, 429, 430, 431, 432, 433, 434, 438, 442, 447, 452]
// clone3 (its flags lie in memory, where a filter cannot look), openat2 (so does its mode), io_uring_setup, _enter, _register
const unknownEverywhere = [435, 437, 425, 426, 427]

const architectures: { readonly [name: string]: Architecture } = {
  x64: {
    audit: 0xc000003e,
    foreignFrom: 0x40000000,
    refused: [...refusedX64, ...refusedEverywhere],
    unknown: unknownEverywhere,
    clone: 56,
    map: 9,
    // open, creat, openat
    modes: [
      { number: 2, argument: 2 },
      { number: 85, argument: 1 },
      { number: 257, argument: 3 },
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    foreignFrom: undefined,
    refused: [...refusedArm64, ...refusedEverywhere],
    unknown: unknownEverywhere,
    clone: 220,
    map: 222,
    modes: [{ number: 56, argument: 3 }],
  },
}

const load = 0x20
const jumpIfEqual = 0x15
const jumpIfAtLeast = 0x35
const jumpIfSet = 0x45
const answer = 0x06

const allow = 0x7fff0000
const killProcess = 0x80000000
const notPermitted = 0x00050000 | 1
const notImplemented = 0x00050000 | 38

const numberAt = 0
const architectureAt = 4
/** The low half of an argument, on processors that store it first. */
const argumentAt = (index: number): number => 16 + 8 * index
const cloneThread = 0x00010000
const mapShared = 0x01
const mapAnonymous = 0x20
const mapGrowsDown = 0x100
/** Set-user-id and set-group-id. */
const ownersRights = 0o6000

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number]

/** The filter for this processor; `undefined` where there is none. */
export function syscallFilter(architecture: string = process.arch): Uint8Array | undefined {
  const known = architectures[architecture]
  return known === undefined ? undefined : assemble(programFor(known))
}

function programFor({ audit, foreignFrom, refused, unknown, clone, map, modes }: Architecture): readonly Instruction[] {
  const answerFor = (number: number, value: number): readonly Instruction[] => [
    [jumpIfEqual, 0, 1, number],
    [answer, 0, 0, value],
  ]
  return [
    [load, 0, 0, architectureAt],
    [jumpIfEqual, 1, 0, audit],
    [answer, 0, 0, killProcess],
    [load, 0, 0, numberAt],
    ...(foreignFrom === undefined
      ? []
      : ([
          [jumpIfAtLeast, 0, 1, foreignFrom],
          [answer, 0, 0, killProcess],
        ] as const)),
    ...refused.flatMap((number) => answerFor(number, notPermitted)),
    ...unknown.flatMap((number) => answerFor(number, notImplemented)),
    ...modes.flatMap(({ number, argument }): readonly Instruction[] => [
      [jumpIfEqual, 0, 4, number],
      [load, 0, 0, argumentAt(argument)],
      [jumpIfSet, 0, 1, ownersRights],
      [answer, 0, 0, notPermitted],
      [answer, 0, 0, allow],
    ]),
    [jumpIfEqual, 0, 6, map],
    [load, 0, 0, argumentAt(3)],
    [jumpIfSet, 2, 0, mapGrowsDown],
    [jumpIfSet, 0, 2, mapShared],
    [jumpIfSet, 0, 1, mapAnonymous],
    [answer, 0, 0, notPermitted],
    [answer, 0, 0, allow],
    [jumpIfEqual, 0, 3, clone],
    [load, 0, 0, argumentAt(0)],
    [jumpIfSet, 1, 0, cloneThread],
    [answer, 0, 0, notPermitted],
    [answer, 0, 0, allow],
  ]
}

/** An array of `struct sock_filter`. */
function assemble(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [index, [code, ifTrue, ifFalse, value]] of program.entries()) {
    view.setUint16(index * 8, code, true)
    view.setUint8(index * 8 + 2, ifTrue)
    view.setUint8(index * 8 + 3, ifFalse)
    view.setUint32(index * 8 + 4, value, true)
  }
  return bytes
}
