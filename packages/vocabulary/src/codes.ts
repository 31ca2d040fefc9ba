/**
 * Every code that a Bulkhead error can carry (SPEC 16), with the sentence that explains it to an operator. Codes are
 * stable: programs match on them.
 */
export const errorCodes = {
  'filesystem-access-denied': 'a component asked for a file that it may not use in this way',
  'network-access-denied': 'a component asked for a host that it may not reach',
  'environment-access-denied': 'a component asked for an environment variable that it may not read',
  'resource-limit-exceeded': 'a component went over one of its limits',
  'component-not-found': 'the file or package that should hold the component is not there',
  'component-invalid': 'the bytes are not a WebAssembly component or a preview1 module',
  'component-rejected-name': 'a name in the component holds characters that are not allowed',
  'component-rejected-glue': 'the generated glue is not of the shape that Bulkhead runs',
  'component-import-unknown': 'the component imports something that this host does not have',
  'component-import-type-mismatch': 'the component declares an import with other types than the standard ones',
  'component-proposal-unsupported': 'the component uses a WebAssembly proposal that is not supported',
  'component-too-large': 'the component is larger than allowed',
  'component-transpile-failed': 'the component could not be transpiled',
  'component-digest-mismatch': 'the bytes are not the ones that were approved',
  'document-invalid': 'a manifest, tree or policy document has errors',
  'actor-not-running': 'the actor is not running',
  'call-timeout': 'the call did not end before its deadline',
  'guest-trap': 'the component trapped',
  'guest-error': 'the component ended with an error',
  'platform-unsupported': 'this platform lacks what the request needs',
  'store-corrupt': 'stored data fails its checksum',
  'state-insecure': 'the state directory, or a key in it, belongs to or can be reached by others',
  'state-locked': 'another process uses the state directory',
  'state-not-found': 'there is no state directory at this path',
  'state-version': 'the state directory was written by another version',
  'lane-corrupt': 'a ring in shared memory holds what its writer may not write',
  'journal-stalled': 'the audit journal makes no progress',
  'walls-missing': 'an isolation mechanism that the tree requires is not there',
  usage: 'a command or call was used wrongly',
  'not-yet': 'a documented feature that this version does not have',
  internal: 'a fault of Bulkhead itself',
} as const satisfies Record<string, string>

/** One of the stable error codes. */
export type ErrorCode = keyof typeof errorCodes
