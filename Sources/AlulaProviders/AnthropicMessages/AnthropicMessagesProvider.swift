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

    private let client: UpstreamClient
    private let logins: any LoginOpening
    private let texts: TextWork

    /// - Parameter offloading: Where requests and answers are written and read that are long.
    package init(client: UpstreamClient, logins: any LoginOpening, offloading: any ComputeOffloading) {
        self.client = client
        self.logins = logins
        texts = TextWork(offloading: offloading)
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        let (encoder, request) = (Self.encoder(call), call.request)
        let (answer, login) = try await post(call, to: "") { () throws(AttemptFailure) in
            try encoder.encode(request).serialized(.compact)
        }
        return try await client.read(answer, by: MessagesEventDecoder.self, login, texts)
    }

    package func countTokens(_ call: ModelCall) async throws -> Int {
        let (encoder, request) = (Self.encoder(call), call.request)
        let (answer, login) = try await post(call, to: "/count_tokens") { () throws(AttemptFailure) in
            try encoder.encodeForCount(request).serialized(.compact)
        }
        try await client.check(answer, login)
        let bytes = try await answer.body.rest(upTo: Self.maximumCount)
        let count: Int64?
        do throws(JSONError) { count = try JSONValue.parse(bytes)["input_tokens"]?.integer } catch { count = nil }
        guard let count, count >= 0 else { throw MessagesEventDecoder.malformed }
        return Int(clamping: count)
    }

    private func post(
        _ call: ModelCall, to suffix: String, _ body: @escaping @Sendable () throws(AttemptFailure) -> [UInt8]
    ) async throws -> (UpstreamAnswer, OpenedLogin) {
        guard let base = call.baseURL else {
            throw AttemptFailure(
                FailureReport(message: "The provider has no base URL: set models.providers.<id>.baseUrl."))
        }
        let bytes = try await texts.work(on: call.request.approximateBytes(upTo: MessageSize.maximumInline.bytes), body)
        // At the last moment, so that it is kept for no longer than the sending takes.
        return try await client.post(
            Self.url(base) + suffix, as: try await logins.open(call), headers: { Self.headers($0, call.request) },
            body: bytes, until: call.deadline)
    }

    private static func encoder(_ call: ModelCall) -> MessagesRequestEncoder {
        MessagesRequestEncoder(model: call.route.model.model.rawValue, maximumOutput: call.model?.maximumOutput)
    }

    static func headers(_ login: OpenedLogin, _ request: InferenceRequest) -> [(name: String, value: String)] {
        var headers = [
            (name: "content-type", value: "application/json"),
            (name: "accept", value: request.isStreamed ? "text/event-stream" : "application/json"),
            (name: "user-agent", value: "alula"), (name: "anthropic-version", value: version),
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
        // What the configuration says about headers counts more, authorization included.
        for header in login.headers { headers.append((name: header.name, value: header.value.exposed)) }
        return headers
    }

    /// The address below a base URL, which may end in a slash, in the API's version, or have the path already.
    static func url(_ base: String) -> String {
        var base = base.trimmed()
        while base.hasSuffix("/") { base.removeLast() }
        if base.hasSuffix("/v1/messages") { return base }
        return base + (base.hasSuffix("/v1") ? "/messages" : "/v1/messages")
    }
}
