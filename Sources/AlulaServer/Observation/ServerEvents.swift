package import AlulaProtocol
import HTTPTypes

/// The closed sets of words in which the server tells what it does.
package enum ServerEvents {
    /// Stands for every method that is not served.
    package static let otherMethod = "other"
    /// The methods of calls.
    package static let methods = MethodTable.names + [otherMethod]

    /// How calls end: well, or with a code of the protocol.
    package static let outcomes = ["ok"] + GatewayError.Code.allCases.map(\.rawValue) + ["other"]

    static func outcome(_ error: GatewayError?) -> String {
        guard let error else { return "ok" }
        if case .unknown = error.code { return "other" }
        return error.code.rawValue
    }

    /// Why WebSockets end.
    package static let endings = ["client_left"] + endingsByReason.map(\.1) + ["other"]

    private static let endingsByReason: [(CloseReason, String)] = [
        (.authChanged, "auth_changed"), (.binaryMessage, "binary_message"),
        (.handshakeTimeout, "handshake_timeout"), (.invalidFrame, "invalid_frame"), (.invalidText, "invalid_text"),
        (.notJSON, "not_json"), (.protocolError, "protocol_error"), (.protocolMismatch, "protocol_mismatch"),
        (.repeatedUnauthorizedCalls, "repeated_unauthorized_calls"), (.serviceRestart, "service_restart"),
        (.slowConsumer, "slow_consumer"), (.tooLarge, "too_large"),
        (.tooLargeBeforeAdmission, "too_large_before_admission"), (.unansweredPings, "unanswered_pings"),
    ]

    /// - Parameter reason: `nil` when the client left by itself.
    static func ending(_ reason: CloseReason?) -> String {
        guard let reason else { return "client_left" }
        return endingsByReason.first { $0.0 == reason }?.1 ?? "other"
    }

    /// Why sockets are turned away.
    package static let refusals = [tooManyWaiting, tooManySilent]
    static let tooManyWaiting = "too_many_waiting"
    static let tooManySilent = "too_many_silent"

    // MARK: HTTP

    /// The methods of requests over HTTP.
    package static let httpMethods = ["GET", "HEAD", "POST", "_OTHER"]
    /// Templates of the routes that are served.
    package static let routes = [
        "/", "/healthz", "/readyz", "/metrics", "/v1/chat/completions", "/v1/responses", "/v1/messages",
        "/v1/messages/count_tokens", "/v1/embeddings", "/v1/models", "/v1/models/{model}", "_OTHER",
    ]
    /// The status codes that are answered.
    package static let statuses = [
        "200", "400", "401", "402", "404", "405", "408", "413", "415", "429", "500", "502", "503", "504",
        "529", "_OTHER",
    ]

    /// How requests to models end: well, with one of the errors that callers are told, or without a caller.
    package static let modelOutcomes = ["ok", callerLeft] + AnswerError.Kind.allCases.map(outcome)
    static let callerLeft = "caller_left"

    /// `kind` as one of ``modelOutcomes``.
    package static func outcome(_ kind: AnswerError.Kind) -> String {
        kind.rawValue.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
    }

    static func httpMethod(_ method: HTTPRequest.Method) -> String {
        httpMethods.contains(method.rawValue) ? method.rawValue : "_OTHER"
    }

    static func route(_ path: some StringProtocol) -> String {
        switch path {
        case "/health": "/healthz"
        case "/ready": "/readyz"
        case _ where routes.contains(String(path)) && path != "_OTHER": String(path)
        case _ where path.hasPrefix("/v1/models/"): "/v1/models/{model}"
        default: "_OTHER"
        }
    }

    /// `status` as one of ``statuses``.
    static func status(_ status: HTTPResponse.Status) -> String {
        let text = String(status.code)
        return statuses.contains(text) ? text : "_OTHER"
    }
}
