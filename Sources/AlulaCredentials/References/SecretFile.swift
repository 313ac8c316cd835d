import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem

/// A file of secrets, behind one alias of `secrets.providers`.
struct SecretFile: Sendable {
    /// What was read from a file.
    struct Contents: Sendable {
        private enum Values {
            case single(Secret)
            /// Wrapped, because the document's own description would show it.
            case document(@Sendable (_ pointer: String) -> JSONValue?)
        }

        private let values: Values
        let version: FactVersion

        fileprivate init(single: Secret, version: FactVersion) {
            values = .single(single)
            self.version = version
        }

        fileprivate init(document: JSONValue, version: FactVersion) {
            values = .document { document.resolve(pointer: $0) }
            self.version = version
        }

        /// - Parameter id: A JSON pointer, or `value` for a file with a single secret.
        func secret(_ id: String) -> Result<Secret, SecretResolutionError> {
            switch values {
            case .single(let secret):
                guard id == "value" else {
                    return .failure(SecretResolutionError(.invalidReference, "This file has one secret, called value."))
                }
                return secret.isBlank
                    ? .failure(SecretResolutionError(.invalidValue, "The file is empty.")) : .success(secret)
            case .document(let resolve):
                guard id.hasPrefix("/") else {
                    return .failure(SecretResolutionError(.invalidReference, "The id has to be a JSON pointer."))
                }
                guard let found = resolve(id) else {
                    return .failure(SecretResolutionError(.notFound, "The file has no such secret."))
                }
                guard let text = StoredProfileDecoder.text(found) else {
                    return .failure(SecretResolutionError(.invalidValue, "The secret is no text, or it is empty."))
                }
                return .success(Secret(text))
            }
        }

        /// Which of `ids` the file has.
        func fact(of ids: [String]) -> SecretSourceFact {
            SecretSourceFact(ids: ids.reduce(into: [:]) { $0[$1] = .init(secret($1)) })
        }
    }

    /// Where the file's bound ends, whatever the configuration says.
    private static let largestMaximum = ByteCount.mebibytes(20)

    /// Absolute; a leading `~` has been replaced.
    let path: String
    /// Whether the whole file is one secret, called `value`.
    let isSingleValue: Bool
    /// The bound on the file, at most 20 MiB.
    let maximum: ByteCount

    /// Checks and reads the file. Blocks the calling thread.
    func load() -> SourceOutcome<Contents> {
        let requirements = FileReader.Requirements(refusesLinks: true, isOwned: true, isPrivate: true)
        return SourceFile.load(path, maximum: min(maximum, Self.largestMaximum), requirements: requirements)
            .flatMap { file in
                let version = FactVersion(of: [file.bytes])
                return isSingleValue ? single(file.bytes, version) : document(file.bytes, version)
            }
    }

    /// One line end after the secret is no part of it.
    private func single(_ bytes: [UInt8], _ version: FactVersion) -> SourceOutcome<Contents> {
        var kept = bytes[...]
        if kept.last == 0x0A { kept.removeLast() }
        if kept.last == 0x0D { kept.removeLast() }
        guard let text = String(validating: kept, as: UTF8.self) else {
            return .failed(
                SourceProblem(
                    .malformed, "The file of secrets is not UTF-8.", path: path,
                    remedy: "Save the file in that encoding."))
        }
        return .found(Contents(single: Secret(text), version: version))
    }

    private func document(_ bytes: [UInt8], _ version: FactVersion) -> SourceOutcome<Contents> {
        do {
            return .found(Contents(document: try JSONValue.parse(bytes), version: version))
        } catch {
            return .failed(
                .malformed(
                    error, what: "The file of secrets", path: path,
                    remedy: "Correct the file, or set \"mode\": \"singleValue\" when it holds one secret."))
        }
    }
}

extension SecretSourceFact.Presence {
    /// What may be known about a resolved id.
    init(_ result: Result<Secret, SecretResolutionError>) {
        switch result {
        case .success: self = .present
        case .failure(let error): self = .missing(code: error.presenceCode ?? error.code.rawValue.uppercased())
        }
    }
}
