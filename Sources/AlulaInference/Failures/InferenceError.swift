/// Why a call to a model can't be made, or its answer can't be used.
package struct InferenceError: Error {
    /// Raw values are stable: they appear in logs and as a metric dimension.
    package enum Code: String, CaseIterable, Sendable {
        /// The request is not well formed in its own dialect.
        case malformedRequest = "malformed_request"
        /// The request asks for something that the chosen provider has no word for, and leaving it out would change
        /// the answer.
        case unsupportedParameter = "unsupported_parameter"
        /// What came back is not what the provider's dialect allows.
        case malformedStream = "malformed_stream"
        /// What came back breaks off before its end.
        case incompleteAnswer = "incomplete_answer"
    }

    package let code: Code
    /// One sentence for the person who asked, without hosts, headers or credentials.
    package let message: String
    /// The member of the request that is to blame, as the caller spelled it: `messages[2].content`.
    package let parameter: String?

    package init(_ code: Code, _ message: String, parameter: String? = nil) {
        self.code = code
        self.message = message
        self.parameter = parameter
    }
}
