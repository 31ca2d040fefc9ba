// The part of AssemblyScript's compiler that the guests are built with. Its own declarations bring a global `console` that
// has only `log`, for everybody.
export function main(
  options: readonly string[],
  host: {
    readonly readFile: (name: string, baseDirectory: string) => string | null
    readonly writeFile: (name: string, contents: string | Uint8Array) => void
    readonly listFiles: (directory: string) => readonly string[]
  },
): Promise<{ readonly error: Error | null; readonly stderr: { readonly toString: () => string } }>

declare const compiler: { readonly main: typeof main }
// biome-ignore lint/style/noDefaultExport: this is how the compiler exports itself
export default compiler
