package import AlulaJSON
import AlulaPrimitives

/// What a failed request answers, as it stands on the wire.
package struct GatewayError: Error, Hashable {
    /// The wire's own code.
    package let code: Code
    /// One sentence for the person who asked. Clients match on the well-known ones.
    package let message: String
    /// Facts for programs, beside the message.
    package let details: JSONValue?
    /// Whether asking again later can help; `nil` when nothing is said.
    package let isRetryable: Bool?
    /// How long to wait before asking again.
    package let retryAfter: Duration?

    package init(
        _ code: Code, _ message: String, details: JSONValue? = nil, isRetryable: Bool? = nil,
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.isRetryable = isRetryable
        self.retryAfter = retryAfter
    }

    /// The codes of both protocol versions.
    package enum Code: Hashable, Sendable {
        case invalidRequest
        case unavailable
        case notPaired
        case notLinked
        case agentTimeout
        case approvalNotFound
        case forbidden
        case agentResultNotFound
        /// A code of a later version.
        case unknown(String)
    }
}

extension GatewayError.Code: RawRepresentable, CaseIterable {
    /// The codes that have a name here.
    package static let allCases: [Self] = [
        .invalidRequest, .unavailable, .notPaired, .notLinked, .agentTimeout, .approvalNotFound, .forbidden,
        .agentResultNotFound,
    ]

    /// Reads any spelling; one that has no name here becomes ``unknown(_:)``.
    package init(rawValue: String) {
        self = Self.allCases.first { $0.rawValue == rawValue } ?? .unknown(rawValue)
    }

    /// The wire's spelling.
    package var rawValue: String {
        switch self {
        case .invalidRequest: "INVALID_REQUEST"
        case .unavailable: "UNAVAILABLE"
        case .notPaired: "NOT_PAIRED"
        case .notLinked: "NOT_LINKED"
        case .agentTimeout: "AGENT_TIMEOUT"
        case .approvalNotFound: "APPROVAL_NOT_FOUND"
        case .forbidden: "FORBIDDEN"
        case .agentResultNotFound: "AGENT_RESULT_NOT_FOUND"
        case .unknown(let code): code
        }
    }
}

extension GatewayError {
    /// The request does not fit the method.
    package static func invalidRequest(_ message: String, details: JSONValue? = nil) -> GatewayError {
        GatewayError(.invalidRequest, message, details: details)
    }

    /// The gateway can't do it now, or not yet.
    package static func unavailable(_ message: String, details: JSONValue? = nil) -> GatewayError {
        GatewayError(.unavailable, message, details: details)
    }

    /// The configuration is not the one any more that the caller's base hash belongs to: read again, and retry.
    package static let staleConfiguration = GatewayError.invalidRequest(
        "config changed since last load; re-run config.get and retry", details: ["code": "config-changed"])

    /// Nothing is known of the configuration's path that was asked for.
    package static let unknownConfigurationPath = GatewayError.invalidRequest(
        "config schema path not found", details: ["code": "config-path-unknown"])

    /// What programs branch on beside ``code``: the member `code` of ``details``.
    package var detailCode: String? { details?["code"]?.string }

    /// The parameters break the method's schema; `violations` are joined as clients know it.
    package static func invalidParameters(of method: String, _ violations: [SchemaViolation]) -> GatewayError {
        let reasons = violations.map(\.description).joined(separator: "; ")
        return .invalidRequest("invalid \(method) params: \(reasons)")
    }

    /// The member `error` of a response frame.
    package var payload: JSONValue {
        var object = JSONObject()
        object["code"] = .string(code.rawValue)
        object["message"] = .string(message)
        object["details"] = details
        object["retryable"] = isRetryable.map { .bool($0) }
        object["retryAfterMs"] = retryAfter.map { .number($0.milliseconds) }
        return .object(object)
    }

    /// Reads the member `error` of a response frame; what is missing or of another kind is left out.
    package init(payload: JSONValue) {
        self.init(
            Code(rawValue: payload["code"]?.string ?? ""),
            payload["message"]?.string ?? "",
            details: payload["details"],
            isRetryable: payload["retryable"]?.bool,
            retryAfter: payload["retryAfterMs"]?.integer.map { .milliseconds($0) })
    }
}
