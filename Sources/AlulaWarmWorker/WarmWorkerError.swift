/// Why what came from the other end of the pipe, or from a saved snapshot, can't be used.
package struct WarmWorkerError: Error, Hashable {
    /// Raw values are stable: they appear in logs.
    package enum Code: String, CaseIterable, Sendable {
        // Frames.
        case emptyFrame = "empty_frame"
        case frameTooLarge = "frame_too_large"
        case incompleteFrame = "incomplete_frame"
        case malformedJSON = "malformed_json"
        case unexpectedContent = "unexpected_content"
        // Values.
        case missingField = "missing_field"
        case unknownField = "unknown_field"
        case wrongType = "wrong_type"
        case unknownCase = "unknown_case"
        case invalidValue = "invalid_value"
        // Agreement.
        case wrongKind = "wrong_kind"
        case unsupportedSchema = "unsupported_schema"
    }

    package let code: Code
    /// One sentence. It names fields of ours and quotes nothing that came from outside.
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
