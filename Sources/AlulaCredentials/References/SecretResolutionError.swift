/// Why one reference has no secret.
package struct SecretResolutionError: Error, Hashable {
    /// Raw values are stable: they appear on the wire, in logs and as a metric dimension.
    package enum Code: String, CaseIterable, Sendable {
        /// No entry of `secrets.providers` has this alias, or it is of another kind.
        case unknownProvider = "unknown_provider"
        /// The id does not have the form that its source asks for.
        case invalidReference = "invalid_reference"
        /// The alias does not hand out this variable.
        case notAllowed = "not_allowed"
        /// The source answered, and has no such secret.
        case notFound = "not_found"
        /// The source answered, and has several of this name.
        case ambiguous
        /// The source answered, and does not give it.
        case refused
        /// What the source has is no text, or it is empty.
        case invalidValue = "invalid_value"
        /// The settings of the alias are not usable.
        case invalidSettings = "invalid_settings"
        /// The file or program may be changed by others than its owner.
        case insecurePath = "insecure_path"
        case sourceUnreadable = "source_unreadable"
        case helperFailed = "helper_failed"
        case timedOut = "timed_out"
        /// More output, references or bytes than the limits allow.
        case limitExceeded = "limit_exceeded"
        case malformedAnswer = "malformed_answer"
        case unsupportedVersion = "unsupported_version"
        /// The later versions' own store, which can't be read.
        case unsupportedSource = "unsupported_source"
    }

    package let code: Code
    /// One sentence: what happened and what to do. It shows nothing that a source said.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What a fact calls the outcome of an id that the source answered for, or `nil` when the source did not answer.
    var presenceCode: String? {
        switch code {
        case .notFound: "NOT_FOUND"
        case .ambiguous: "AMBIGUOUS_DUPLICATE_KEY"
        case .refused: "REFUSED"
        case .invalidValue: "INVALID_VALUE"
        case .invalidReference: "INVALID_ID"
        case .unknownProvider, .notAllowed, .invalidSettings, .insecurePath, .sourceUnreadable, .helperFailed,
            .timedOut, .limitExceeded, .malformedAnswer, .unsupportedVersion, .unsupportedSource:
            nil
        }
    }
}
