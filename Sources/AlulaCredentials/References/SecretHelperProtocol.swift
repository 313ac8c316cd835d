import AlulaJSON
package import AlulaPrimitives

/// Version 1 of what is said to a helper program, and what it says.
package enum SecretHelperProtocol {
    /// The only version there is.
    static let version: Int64 = 1
    /// Arrays and objects of an answer that may lie in one another.
    private static let maximumDepth = 32

    /// What became of each id that was asked for.
    package typealias Answer = [String: Result<Secret, SecretResolutionError>]

    /// One JSON document, to be followed by the end of the stream.
    static func request(alias: String, ids: [String]) -> [UInt8] {
        let document: JSONValue = [
            "protocolVersion": .number(version), "provider": .string(alias), "ids": .array(ids.map { .string($0) }),
        ]
        return document.serialized() + [0x0A]
    }

    /// Reads the whole `output` of a run that was asked for `ids`; the result has each of them.
    ///
    /// - Parameter acceptsPlainText: Whether output that is no JSON is the one secret that was asked for.
    /// - Throws: When the output as a whole is unusable. No message shows any of it.
    package static func decode(
        _ output: [UInt8], ids: [String], acceptsPlainText: Bool
    ) throws(SecretResolutionError) -> Answer {
        guard output.contains(where: { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }) else {
            throw SecretResolutionError(.malformedAnswer, "The helper wrote nothing.")
        }
        let document: JSONValue
        do {
            document = try JSONValue.parse(output, maximumDepth: maximumDepth)
        } catch {
            if acceptsPlainText, ids.count == 1 { return [ids[0]: plain(output)] }
            throw SecretResolutionError(
                .malformedAnswer, "The helper's answer is not JSON (line \(error.line), column \(error.column)).")
        }
        guard let members = document.object else {
            guard acceptsPlainText, ids.count == 1 else {
                throw SecretResolutionError(.malformedAnswer, "The helper's answer is not an object.")
            }
            return [ids[0]: document.string.map(value) ?? plain(output)]
        }
        guard members["protocolVersion"]?.integer == version else {
            throw SecretResolutionError(
                .unsupportedVersion, "The helper's answer does not say \"protocolVersion\": \(version).")
        }
        guard let values = members["values"] ?? .some(.object(JSONObject())), let values = values.object,
            let errors = members["errors"] ?? .some(.object(JSONObject())), let errors = errors.object
        else {
            throw SecretResolutionError(
                .malformedAnswer, "In the helper's answer \"values\" and \"errors\" have to be objects.")
        }
        return ids.reduce(into: [:]) { answer, id in
            if let error = errors[id] {
                answer[id] = .failure(refusal(error))
            } else if let found = values[id] {
                answer[id] = found.string.map(value) ?? .failure(noText)
            } else {
                answer[id] = .failure(
                    SecretResolutionError(.notFound, "The helper's answer says nothing about this id."))
            }
        }
    }

    private static let noText = SecretResolutionError(.invalidValue, "The secret is no text, or it is empty.")

    private static func value(_ text: String) -> Result<Secret, SecretResolutionError> {
        let secret = Secret(text)
        return secret.isBlank ? .failure(noText) : .success(secret)
    }

    private static func plain(_ output: [UInt8]) -> Result<Secret, SecretResolutionError> {
        guard let text = String(validating: output, as: UTF8.self) else { return .failure(noText) }
        return value(text.trimmed())
    }

    /// Codes that are not known here may say anything, a secret included, so they are not shown.
    private static func refusal(_ error: JSONValue) -> SecretResolutionError {
        switch (error["code"] ?? error).string {
        case "NOT_FOUND": SecretResolutionError(.notFound, "The helper has no such secret.")
        case "AMBIGUOUS_DUPLICATE_KEY":
            SecretResolutionError(.ambiguous, "The helper has several secrets of this name.")
        default: SecretResolutionError(.refused, "The helper refused to give this secret.")
        }
    }
}
