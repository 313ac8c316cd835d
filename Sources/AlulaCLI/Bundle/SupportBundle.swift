import AlulaJSON
import AlulaPrimitives

/// What goes into a support bundle. Nothing in it has passed the last net before ``archive(_:)``.
struct SupportBundle {
    /// One file of the bundle, or why it is not there.
    struct Part {
        var name: String
        var content: Result<JSONValue, Failure>
        /// What is worth knowing about how it was made.
        var note: String?
    }

    /// Why a part is missing.
    struct Failure: Error {
        var message: String
    }

    static let manifest = "manifest.json"

    /// Also the name of the directory in it.
    var name: String
    var version: String
    var made: Timestamp
    var parts: [Part] = []

    /// The files with their bytes, the manifest first.
    func files(_ text: BundleText) -> [TarArchive.Entry] {
        let files = parts.compactMap { part -> TarArchive.Entry? in
            guard case .success(let content) = part.content else { return nil }
            return TarArchive.Entry(name: part.name, bytes: Self.bytes(text.clean(content)))
        }
        let manifest = manifest(sizes: Dictionary(files.map { ($0.name, $0.bytes.count) }) { first, _ in first })
        return [TarArchive.Entry(name: Self.manifest, bytes: Self.bytes(text.clean(manifest)))] + files
    }

    /// The bundle as one archive.
    func archive(_ text: BundleText) -> [UInt8] {
        TarArchive(
            entries: files(text).map { .init(name: "\(name)/\($0.name)", bytes: $0.bytes) }, modified: made
        ).bytes
    }

    private func manifest(sizes: [String: Int]) -> JSONValue {
        [
            "format": 1, "made": .string(made.iso8601), "alula": .string(version),
            "parts": .array(
                parts.map { part in
                    var object = JSONObject([("file", .string(part.name))])
                    object["bytes"] = sizes[part.name].map { .number($0) }
                    if case .failure(let failure) = part.content { object["failed"] = .string(failure.message) }
                    object["note"] = part.note.map { .string($0) }
                    return .object(object)
                }),
            "leftOut": [
                "comments of the configuration",
                "secrets, and every text of the configuration that is not known to be none",
                "names that somebody chose; the same name has the same pseudonym in all files",
                "values of variables", "contents of files other than the configuration and the log",
            ],
        ]
    }

    private static func bytes(_ value: JSONValue) -> [UInt8] { Array((value.text(.pretty) + "\n").utf8) }
}
