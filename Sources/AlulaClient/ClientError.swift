package import AlulaProtocol

/// Why a gateway could not be asked, or did not answer.
package struct ClientError: Error {
    /// Raw values are stable: they appear in `--json` output.
    package enum Code: String, CaseIterable, Sendable {
        /// Nothing listens there, or what listens is no gateway.
        case unreachable
        /// The gateway refused the secret, or wants one.
        case unauthorized
        /// The gateway speaks other versions of the protocol.
        case protocolMismatch = "protocol_mismatch"
        case timedOut = "timed_out"
        /// The gateway answered with an error; see ``ClientError/remote``.
        case remote
        /// The connection ended before the answer came.
        case closed
        case malformedAnswer = "malformed_answer"
        case invalidAddress = "invalid_address"
    }

    package let code: Code
    /// One sentence for the person who asked. No hosts and no credentials.
    package let message: String
    /// The gateway's own error.
    package let remote: GatewayError?
    /// The cause, for the log only.
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, remote: GatewayError? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remote = remote
        self.underlying = underlying
    }
}
