/** Whether a path is a directory or lies in it. Both are absolute and canonical. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`)
}
