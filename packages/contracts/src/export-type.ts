import { generatedExportTypes } from './generated/export-types.js'

/** An interface that components export and this host calls. */
export type ExportType = {
  /** Without its version. */
  readonly name: string
  readonly version: string
  /**
   * The body of a type section (id 7) of a component, that defines one type: the instance type of this interface. It
   * refers to nothing outside of itself, so it can be added to any component to compare an export with.
   */
  readonly typeSection: Uint8Array
}

/** Every interface of which this host calls what components export, by its name without version. */
export const exportTypes: ReadonlyMap<string, ExportType> = new Map(
  generatedExportTypes.map((each) => [each.name, each]),
)
