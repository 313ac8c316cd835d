import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem

/// Collects the files of one store while they are read, for the version and the warnings of the whole.
struct StoreParts {
    private let ignored: Set<String>
    private var contents: [[UInt8]] = []
    /// What is wrong with parts of the store that it can do without.
    var problems: [SourceProblem] = []
    /// Whether any part is there.
    private(set) var hasFound = false

    /// Starts with nothing; files at `ignored` paths are taken for missing.
    init(ignored: Set<String> = []) { self.ignored = ignored }

    /// Changes with every byte of every part.
    var version: FactVersion { FactVersion(of: contents) }

    /// Reads and parses one file. Blocks the calling thread.
    mutating func read(_ path: String, what: String, remedy: String) -> SourceOutcome<JSONValue> {
        guard !ignored.contains(path) else { return .absent }
        return switch SourceFile.load(path, maximum: SourceFile.maximumStore) {
        case .absent: .absent
        case .failed(let problem): .failed(problem)
        case .found(let file): parse(file.bytes, path: path, what: what, remedy: remedy)
        }
    }

    /// Reads and parses a file that may be missing or damaged. Blocks the calling thread.
    mutating func optional(_ path: String, what: String, remedy: String) -> JSONValue? {
        switch read(path, what: what, remedy: remedy) {
        case .absent:
            return nil
        case .found(let value):
            return value
        case .failed(let problem):
            problems.append(problem)
            return nil
        }
    }

    /// Parses what a database holds; `nil` when it holds no store.
    mutating func take(
        _ documents: StoreDatabaseDocuments, path: String, remedy: String
    ) -> (profiles: JSONObject, state: JSONObject)? {
        var members: [JSONObject] = []
        for bytes in [documents.profiles, documents.state] {
            guard let bytes else {
                members.append(JSONObject())
                continue
            }
            switch parse(bytes, path: path, what: "A document in the database", remedy: remedy) {
            case .found(let value): members.append(value.object ?? JSONObject())
            case .absent: members.append(JSONObject())
            case .failed(let problem):
                problems.append(problem)
                members.append(JSONObject())
            }
        }
        guard !members[0].isEmpty || !members[1].isEmpty else { return nil }
        return (members[0], members[1])
    }

    private mutating func parse(
        _ bytes: [UInt8], path: String, what: String, remedy: String
    ) -> SourceOutcome<JSONValue> {
        hasFound = true
        // The path keeps content that moves to another file from going unnoticed.
        contents.append(Array(path.utf8))
        contents.append(bytes)
        do {
            return .found(try JSONValue.parse(bytes))
        } catch {
            return .failed(.malformed(error, what: what, path: path, remedy: remedy))
        }
    }
}
