package import AlulaConfiguration
package import AlulaState

/// Reads the configuration alone, for commands that show or check it.
package struct StateReader: Sendable {
    private let loader: StateLoader

    package init(layout: StateLayout, variables: [String: String], currentDirectory: String) {
        loader = StateLoader(layout: layout, variables: variables, currentDirectory: currentDirectory)
    }

    /// The configuration as it is on disk now. Blocks the calling thread.
    package func configuration() -> ConfigurationOutcome { loader.load().outcome }
}
