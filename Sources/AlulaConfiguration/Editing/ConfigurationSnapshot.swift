package import AlulaJSON

/// The configuration with the texts of all its files, as an edit starts from.
package struct ConfigurationSnapshot: Sendable {
    /// What the files came to.
    package let outcome: ConfigurationOutcome
    /// The main file's path.
    package let path: String
    /// The files that were read, by the path that was asked for.
    package let files: [String: ConfigurationFile]

    /// The main file's bytes; `nil` when there is none.
    package var text: [UInt8]? { files[path]?.bytes }

    /// The files in an order that only depends on their paths, the main file first; for hashing.
    package var orderedFiles: [(path: String, bytes: [UInt8])] {
        let others = files.keys.filter { $0 != path }.sorted()
        return ([path] + others).compactMap { name in files[name].map { (name, $0.bytes) } }
    }

    /// The main file as JSON5; `nil` when it holds nothing that is.
    var document: JSON5Document? {
        guard let text else { return nil }
        do { return try JSON5Document(parsing: text) } catch { return nil }
    }
}

/// Collects what one load reads. It stays within the call that made it.
final class FileRecorder {
    private(set) var files: [String: ConfigurationFile] = [:]

    func add(_ file: ConfigurationFile, at path: String) { files[path] = file }
}

/// What of a configuration may be shown. It holds the secrets too, and shows them nowhere.
package struct ShownConfiguration: Sendable {
    /// The main file's text; `nil` when there is no file. A text that is no JSON5 is not shown at all.
    package let text: String?
    /// What the main file itself holds.
    package let document: JSONValue
    /// Everything put together; an empty object when nothing could be.
    package let resolved: JSONValue
    /// The secrets that were hidden, to be hidden in messages as well.
    package let secrets: KnownSecrets
}

extension ConfigurationSnapshot {
    /// The configuration without its secrets. It is made anew at each use.
    package var shown: ShownConfiguration {
        let document = document
        let authored = ConfigurationNode(showing: document?.root.value ?? .object(JSONObject()))
        var resolved: ConfigurationView?
        if case .loaded(let loaded) = outcome { resolved = loaded.view }
        // A comment may repeat what a variable or an included file brings.
        let secrets = resolved?.hiddenTexts ?? .none
        let own = ConfigurationView(authored, known: secrets)
        return ShownConfiguration(
            text: text.map { _ in document.map { RawText.redacted($0, known: secrets) } ?? "" }, document: own.value,
            resolved: resolved?.value ?? .object(JSONObject()), secrets: own.hiddenTexts)
    }
}
