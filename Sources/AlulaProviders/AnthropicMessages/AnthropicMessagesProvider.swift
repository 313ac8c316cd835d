package import AlulaAuth
package import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// Models behind `POST <base URL>/v1/messages`, which Anthropic and some others speak.
package struct AnthropicMessagesProvider: ModelProvider, TokenCounting {
    /// The version of the API that is spoken.
    private static let version = "2023-06-01"
    /// What Anthropic wants to hear from who comes with an account's token in place of a key.
    private static let accountFeatures = ["claude-code-20250219", "oauth-2025-04-20"]
    /// What such a token begins with, wherever it is kept.
    private static let accountPrefix = "sk-ant-oat"
    /// What one count of tokens may take of an answer.
    private static let maximumCount = ByteCount(bytes: 65_536)

    private let exchange: UpstreamExchange

    /// - Parameter offloading: Where requests and answers are written and read that are long.
    package init(client: UpstreamClient, logins: any LoginOpening, offloading: any ComputeOffloading) {
        exchange = UpstreamExchange(client: client, logins: logins, texts: TextWork(offloading: offloading))
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        let (encoder, request) = (Self.encoder(call), call.request)
        let (answer, login) = try await exchange.send(
            call, to: Self.url, headers: { Self.headers($0, request) }
        ) { () throws(AttemptFailure) in
            try encoder.encode(request).serialized(.compact)
        }
        return try await exchange.client.read(answer, by: MessagesEventDecoder.self, login, exchange.texts)
    }

    package func countTokens(_ call: ModelCall) async throws -> Int {
        let (encoder, request) = (Self.encoder(call), call.request)
        let (answer, login) = try await exchange.send(
            call, to: { Self.url($0) + "/count_tokens" }, headers: { Self.headers($0, request) }
        ) { () throws(AttemptFailure) in
            try encoder.encodeForCount(request).serialized(.compact)
        }
        try await exchange.client.check(answer, login)
        let bytes = try await answer.body.rest(upTo: Self.maximumCount)
        let count: Int64?
        do throws(JSONError) { count = try JSONValue.parse(bytes)["input_tokens"]?.integer } catch { count = nil }
        guard let count, count >= 0 else { throw MessagesEventDecoder.malformed }
        return Int(clamping: count)
    }

    private static func encoder(_ call: ModelCall) -> MessagesRequestEncoder {
        MessagesRequestEncoder(model: call.route.model.model.rawValue, maximumOutput: call.model?.maximumOutput)
    }

    static func headers(_ login: OpenedLogin, _ request: InferenceRequest) -> [(name: String, value: String)] {
        var headers = [
            (name: "accept", value: request.isStreamed ? "text/event-stream" : "application/json"),
            (name: "anthropic-version", value: version),
        ]
        var features = request.dialect == .anthropicMessages ? request.features : []
        if let secret = login.secret {
            let isAccount = login.form == .account || secret.exposed.hasPrefix(accountPrefix)
            if isAccount { features += accountFeatures.filter { !features.contains($0) } }
            headers.append(
                isAccount || login.form == .bearer
                    ? (name: "authorization", value: "Bearer \(secret.exposed)")
                    : (name: "x-api-key", value: secret.exposed))
        }
        if !features.isEmpty { headers.append((name: "anthropic-beta", value: features.joined(separator: ","))) }
        return headers
    }

    /// The address below a base URL, which may end in a slash, in the API's version, or have the path already.
    static func url(_ base: String) -> String {
        let base = base.baseAddress
        if base.hasSuffix("/v1/messages") { return base }
        return base + (base.hasSuffix("/v1") ? "/messages" : "/v1/messages")
    }
}
