// Crashes before it has done anything.
export function run(): void {
  unreachable()
}
