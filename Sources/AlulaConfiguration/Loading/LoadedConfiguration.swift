package import AlulaJSON

/// A configuration that was read, with what it was made from.
///
/// It holds secrets in the clear, in ``resolved`` and ``document``; it can't be printed.
package struct LoadedConfiguration: Sendable, CustomStringConvertible, CustomReflectable {
    /// The settings, with every default filled in.
    package let configuration: Configuration
    /// The main file as it was written, for editing; `nil` when there is none, or nothing in it.
    package let document: JSON5Document?
    /// Everything put together: includes merged, variables put in. It holds secrets.
    package let resolved: JSONValue
    /// Every file that was read or looked for, the main file first.
    package let sources: [ConfigurationSource]
    /// In the order of places.
    package let problems: [ConfigurationProblem]
    /// Whether every included file was there and could be read. A reload keeps the last good configuration otherwise; a
    /// start goes on with what there is.
    package let isComplete: Bool
    /// Everything put together, with places and with texts as they were written.
    let root: ConfigurationNode

    init(
        configuration: Configuration, document: JSON5Document?, root: ConfigurationNode, sources: [ConfigurationSource],
        problems: [ConfigurationProblem], isComplete: Bool
    ) {
        self.configuration = configuration
        self.document = document
        resolved = root.value
        self.root = root
        self.sources = sources
        self.problems = problems
        self.isComplete = isComplete
    }

    /// Whether the file is missing or holds nothing. While running this is more often a file that is just being
    /// rewritten than a wish for the defaults.
    package var isBlank: Bool { document == nil }

    /// Whether something was refused.
    /// Where keys stand that nobody here knows.
    package var unknownPaths: Set<ConfigurationPath> {
        Set(problems.filter { $0.code == .unknownKey }.map(\.path))
    }

    package var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// ``resolved`` without secrets, for showing. It is made anew at each use.
    package var view: ConfigurationView { ConfigurationView(root) }

    /// What was authored in the main file, includes and variables untouched. It may hold secrets.
    package var authored: JSONValue { document?.root.value ?? .object(JSONObject()) }

    package var description: String { "configuration of \(sources.count) files, \(problems.count) problems" }
    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}
