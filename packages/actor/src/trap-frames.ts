/**
 * The frames of a trap as people read them, innermost first: `fib` or `wasm-function[12]`, without addresses of glue.
 *
 * @param stack the `stack` of a `WebAssembly.RuntimeError` as V8 writes it
 */
export function trapFrames(stack: string, framesMax: number): readonly string[] {
  const frames: string[] = []
  for (const line of stack.split('\n')) {
    const frame = /^\s*at (?:(.+?) \()?wasm:\/\/wasm\/[^:]*:(wasm-function\[\d+\]):(0x[0-9a-f]+)\)?$/.exec(line)
    if (frame === null) continue
    const name = frame[1]?.replace(/^[0-9a-f]{8,}\./, '')
    frames.push(name === undefined ? `${frame[2]} ${frame[3]}` : `${name} (${frame[2]} ${frame[3]})`)
    if (frames.length === framesMax) break
  }
  return frames
}
