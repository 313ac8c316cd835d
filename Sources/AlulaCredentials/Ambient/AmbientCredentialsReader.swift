import AlulaAuth
import AlulaPrimitives
import AlulaSystem

/// Reads the credentials that Google's and AWS's own tools leave.
enum AmbientCredentialsReader {
    /// A fact with the version of what it was read from.
    struct Found<Fact: Sendable>: Sendable {
        var fact: Fact
        var version: FactVersion
    }

    /// The first file that is there counts, usable or not. Blocks the calling thread.
    static func google(paths: [String]) -> SourceOutcome<Found<GoogleCredentialsFact>> {
        for path in paths where !path.isEmpty {
            switch SourceFile.load(path, maximum: SourceFile.maximumLogin) {
            case .absent:
                continue
            case .failed(let problem):
                return .failed(problem)
            case .found(let file):
                return GoogleCredentialsDecoder.decode(file.bytes, path: path).flatMap {
                    .found(Found(fact: $0, version: FactVersion(of: [Array(path.utf8), file.bytes])))
                }
            }
        }
        return .absent
    }

    /// One file that can't be read is a warning as long as the other can. Blocks the calling thread.
    static func aws(
        configPath: String, credentialsPath: String, webIdentityTokenPath: String?
    ) -> SourceOutcome<Found<AWSFilesFact>> {
        var fact = AWSFilesFact()
        var contents: [[UInt8]] = []
        var documents: [INIDocument?] = []
        for path in [configPath, credentialsPath] {
            switch SourceFile.load(path, maximum: SourceFile.maximumLogin) {
            case .absent:
                contents.append([])
                documents.append(nil)
            case .failed(let problem):
                contents.append([])
                documents.append(nil)
                fact.problems.append(problem)
            case .found(let file):
                contents.append(file.bytes)
                documents.append(document(file.bytes, path: path, problems: &fact.problems))
            }
        }
        if let path = webIdentityTokenPath {
            switch SourceFile.load(path, maximum: SourceFile.maximumLogin) {
            case .absent:
                fact.hasWebIdentityToken = false
            case .failed(let problem):
                fact.hasWebIdentityToken = false
                fact.problems.append(problem)
            case .found(let file):
                contents.append(file.bytes)
                fact.hasWebIdentityToken = !String(decoding: file.bytes, as: UTF8.self).trimmed().isEmpty
            }
        }
        let profiles = AWSProfiles(config: documents[0], credentials: documents[1])
        fact.profiles = profiles.means
        if !profiles.unusable.isEmpty {
            let names = profiles.unusable.prefix(10).joined(separator: ", ")
            fact.problems.append(
                SourceProblem(
                    .entriesRejected, "These AWS profiles lead to no credentials: \(names).",
                    path: configPath, remedy: "Look at their source_profile, sso_session and keys."))
        }
        let hasFile = documents.contains { $0 != nil }
        if !hasFile, webIdentityTokenPath == nil {
            return fact.problems.first.map { .failed($0) } ?? .absent
        }
        return .found(Found(fact: fact, version: FactVersion(of: contents)))
    }

    private static func document(_ bytes: [UInt8], path: String, problems: inout [SourceProblem]) -> INIDocument? {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems.append(
                SourceProblem(
                    .malformed, "The file is not UTF-8.", path: path, remedy: "Save the file in that encoding."))
            return nil
        }
        let document = INIDocument(text)
        if let line = document.malformedLines.first {
            let count = document.malformedLines.count
            problems.append(
                SourceProblem(
                    .malformed,
                    count == 1
                        ? "A line is neither a section nor a setting."
                        : "\(count) lines are neither sections nor settings.",
                    path: path, line: line, remedy: "Correct the line; the rest of the file is used."))
        }
        return document
    }
}
