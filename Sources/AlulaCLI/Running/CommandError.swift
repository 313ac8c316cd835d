/// Why a command could not do what it was asked.
package struct CommandError: Error {
    /// Raw values are stable: they appear in `--json` output.
    package enum Code: String, CaseIterable, Sendable {
        case usage
        case notFound = "not_found"
        /// The gateway refused the request itself.
        case requestRefused = "request_refused"
        case gatewayUnreachable = "gateway_unreachable"
        case credentialRejected = "credential_rejected"
        case timedOut = "timed_out"
        case configurationInvalid = "configuration_invalid"
        case storeUnavailable = "store_unavailable"
        case malformedAnswer = "malformed_answer"
        case unavailable
    }

    package let code: Code
    /// What happened and what to type next. No hosts, headers or credentials.
    package let message: String
    /// The gateway's own word for what it refused, which commands branch on.
    package let detailCode: String?
    /// The cause, for `--log-level debug` only.
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, detailCode: String? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.detailCode = detailCode
        self.underlying = underlying
    }

    /// How the process ends when nobody handles the error.
    package var status: ExitStatus {
        switch code {
        case .usage: .usage
        case .notFound, .requestRefused: .no
        case .gatewayUnreachable: .unreachable
        case .credentialRejected: .notPermitted
        case .timedOut, .storeUnavailable, .unavailable: .temporary
        case .configurationInvalid: .configuration
        case .malformedAnswer: .internalError
        }
    }
}
