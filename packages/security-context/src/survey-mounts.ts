// Perimeter: looks at the disk, at start only, to turn mounts as written into mounts with a real path, device and inode.
import { realpathSync, statSync } from 'node:fs'
import type { ForbiddenRule } from '@bulkhead/capability'
import { forbiddenMountRoot } from '@bulkhead/policy/forbidden'
import { isWithin } from './is-within.js'
import { remoteFileSystem } from './remote-file-system.js'
import type { ContextMount } from './worker-context.js'

/** A mount as an operator wrote it; `hostPath` is absolute. */
export type MountRequest = {
  readonly guestPath: string
  /** Of scratch, which has no place before its guest starts, a path that says so. */
  readonly hostPath: string
  readonly mode: 'read' | 'write'
  readonly hardlinks: boolean
  /** Whether its file system may be one of another machine, or a program's (SPEC 8.1: else local ones only). */
  readonly networkFs?: boolean
  readonly scratchBytes?: number
}

/** A directory of the runtime itself that no component may open, by whatever name. */
export type OwnDirectory = { readonly path: string; readonly device: bigint; readonly inode: bigint }

/** Why a mount cannot be made, and what mends it. */
export type MountProblem = { readonly mount: MountRequest; readonly message: string; readonly hint: string }

/** Looks up the runtime's own directories. One that does not exist yet is left out: nothing can be inside it. */
export function surveyOwnDirectories(paths: readonly string[]): readonly OwnDirectory[] {
  return paths.flatMap((path) => {
    const found = lookUp(path)
    return found === undefined ? [] : [{ path: found.realPath, device: found.device, inode: found.inode }]
  })
}

/**
 * Resolves every mount, in the order given, and reports all that cannot be: missing, neither directory nor regular file,
 * inside a forbidden directory, inside one of the runtime's own directories.
 */
export function surveyMounts(
  requests: readonly MountRequest[],
  forbidden: readonly ForbiddenRule[],
  own: readonly OwnDirectory[],
): { readonly mounts: readonly ContextMount[]; readonly problems: readonly MountProblem[] } {
  const mounts: ContextMount[] = []
  const problems: MountProblem[] = []
  for (const mount of requests) {
    const outcome = surveyMount(mount, forbidden, own)
    if ('message' in outcome) problems.push({ mount, ...outcome })
    else mounts.push(outcome)
  }
  return { mounts, problems }
}

function surveyMount(
  request: MountRequest,
  forbidden: readonly ForbiddenRule[],
  own: readonly OwnDirectory[],
): ContextMount | Omit<MountProblem, 'mount'> {
  const { scratchBytes } = request
  if (scratchBytes !== undefined) return scratchMount(request, scratchBytes)
  const found = lookUp(request.hostPath)
  if (found === undefined) {
    return {
      message: `there is nothing at \`${request.hostPath}\` to mount at \`${request.guestPath}\``,
      hint: `create it (mkdir -p ${request.hostPath}) or correct the path`,
    }
  }
  const rule = forbiddenMountRoot(found.realPath, forbidden)
  if (rule !== undefined) {
    const inOwn = own.find((directory) => isWithin(found.realPath, directory.path))
    return inOwn === undefined
      ? {
          message: `\`${found.realPath}\` cannot be mounted: the forbidden list covers it with \`${rule}\``,
          hint: 'mount a directory outside the forbidden list; nothing overrides it',
        }
      : {
          message: `\`${found.realPath}\` cannot be mounted: it belongs to the runtime itself (\`${inOwn.path}\`)`,
          hint: 'mount a directory outside the state directory and the code of the runtime',
        }
  }
  if (found.kind === undefined) {
    return {
      message: `\`${request.hostPath}\` is neither a directory nor a regular file`,
      hint: 'only directories and regular files can be mounted',
    }
  }
  const remote = request.networkFs === true ? undefined : remoteFileSystem(found.realPath)
  if (remote !== undefined) {
    return {
      message: `\`${found.realPath}\` lies on ${remote}, and only local file systems are mounted unasked`,
      hint: `"${request.guestPath}" = { host = "${request.hostPath}", network_fs = true }, if a server that answers late or other machines that change files are fine`,
    }
  }
  const { guestPath, mode, hardlinks } = request
  const { realPath: hostPath, device, inode, kind } = found
  return { guestPath, hostPath, mode, kind, device, inode, hardlinks }
}

/** A place that is made when the guest starts: whoever starts it gives it a directory. */
function scratchMount({ guestPath, hostPath }: MountRequest, scratchBytes: number): ContextMount {
  const nowhere = { device: 0n, inode: 0n }
  return { guestPath, hostPath, mode: 'write', kind: 'directory', ...nowhere, hardlinks: false, scratchBytes }
}

function lookUp(path: string) {
  try {
    const realPath = realpathSync(path)
    const stat = statSync(realPath, { bigint: true })
    const kind = stat.isDirectory() ? ('directory' as const) : stat.isFile() ? ('file' as const) : undefined
    return { realPath, device: stat.dev, inode: stat.ino, kind }
  } catch {
    return undefined
  }
}
