import type { InterfaceImplementation } from '../link.js'
import type { IoError } from './stream-classes.js'

/** `wasi:io/error`. The text holds the error's code and nothing of the host. */
export const ioError: InterfaceImplementation = {
  name: 'wasi:io/error',
  functions: { '[method]error.to-debug-string': ({ message }: IoError) => message },
}
