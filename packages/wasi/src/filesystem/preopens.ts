import { ResourceExceeded } from '../endings.js'
import type { InterfaceImplementation } from '../link.js'
import { DirectoryDescriptor } from './descriptor.js'
import type { FileSystem } from './file-system.js'

/**
 * `wasi:filesystem/preopens`: one directory, the guest's root, in which only what was granted can be opened. A fresh
 * descriptor each time: the preview1 adapter drops what it gets (TRAPS W7).
 */
export function filesystemPreopens(system: FileSystem): InterfaceImplementation {
  return {
    name: 'wasi:filesystem/preopens',
    functions: {
      'get-directories': () => {
        const flags = { read: true, mutateDirectory: true }
        const { files, root } = system
        const sight = files.permits(root.place, 'read') ? 'whole' : 'ancestor'
        // This function has no error to answer with.
        if (!system.ledger.fits(root.depth)) {
          const { handlesMax } = system.limits
          throw new ResourceExceeded('handles', handlesMax, `more than ${handlesMax} open handles`)
        }
        return [[system.descriptors.mint(new DirectoryDescriptor(system, root, flags, sight)), '/']]
      },
    },
  }
}
