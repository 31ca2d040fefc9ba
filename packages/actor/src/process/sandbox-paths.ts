/** Where our own code lies inside a sandbox, whatever its place on the host: packages as in any `node_modules`. */
export const sandboxRoot = '/bulkhead'
export const sandboxModules = `${sandboxRoot}/node_modules`
