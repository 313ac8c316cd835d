package import AlulaAuth
package import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// Models behind `POST <base URL>/codex/responses`, where ChatGPT's accounts are asked in place of keys: the Responses API, but
/// for a few members.
package struct ChatGPTResponsesProvider: ModelProvider {
    private static let standardBase = "https://chatgpt.com/backend-api"

    private let exchange: UpstreamExchange

    /// - Parameter offloading: Where requests and answers are written and read that are long.
    package init(client: UpstreamClient, logins: any LoginOpening, offloading: any ComputeOffloading) {
        exchange = UpstreamExchange(client: client, logins: logins, texts: TextWork(offloading: offloading))
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        let encoder = ChatGPTRequestEncoder(model: call.route.model.model.rawValue)
        let request = call.request
        let (answer, login) = try await exchange.send(call, to: Self.url, headers: Self.headers) {
            () throws(AttemptFailure) in try encoder.encode(request).serialized(.compact)
        }
        return try await exchange.client.read(answer, by: ResponsesEventDecoder.self, login, exchange.texts)
    }

    static func headers(_ login: OpenedLogin) -> [(name: String, value: String)] {
        var headers = login.bearerHeaders(isStreamed: true)
        headers.append((name: "openai-beta", value: "responses=experimental"))
        headers.append((name: "originator", value: "alula"))
        if let account = login.account { headers.append((name: "chatgpt-account-id", value: account)) }
        return headers
    }

    /// The address below a base URL, which may end in a slash or have the path already. OpenAI's own API, which a configuration
    /// may have for all its models, does not know these accounts.
    static func url(_ base: String) -> String {
        var base = base.baseAddress
        if base.hasSuffix("/codex/responses") { return base }
        if base.split(separator: "/").dropFirst().first?.lowercased() == "api.openai.com" { base = standardBase }
        return base + (base.hasSuffix("/codex") ? "/responses" : "/codex/responses")
    }
}

/// Writes requests for `openai-chatgpt-responses`: what the Responses API says, in the way of that back end.
struct ChatGPTRequestEncoder {
    /// The back end wants to be told something.
    private static let standardInstructions = "Answer the user."
    /// What it refuses to be told, and what changes no answer or is a bound that the account has anyway.
    private static let unknownMembers = [
        "max_output_tokens", "metadata", "safety_identifier", "service_tier", "truncation", "user",
    ]

    let model: String

    /// - Throws: ``AttemptFailure`` when the request holds what the back end has no word for.
    func encode(_ request: InferenceRequest) throws(AttemptFailure) -> JSONValue {
        if let temperature = request.sampling.temperature, temperature != 1 { throw .unsayable("temperature") }
        if let topP = request.sampling.topP, topP != 1 { throw .unsayable("top_p") }
        // It takes instructions in their own place only.
        let isInstruction: (Message) -> Bool = {
            ($0.role == .system || $0.role == .developer) && $0.parts.allSatisfy { $0.text != nil }
        }
        let instructions = request.messages.prefix(while: isInstruction)
        var request = request
        request.messages.removeFirst(instructions.count)
        // All its models think.
        let encoded = try ResponsesRequestEncoder(model: model, isReasoning: true).encode(request)
        var body = encoded.object ?? JSONObject()
        if !instructions.isEmpty {
            let texts = instructions.map { $0.parts.compactMap(\.text).joined() }
            body["instructions"] = .string(texts.joined(separator: "\n\n"))
        }
        for member in Self.unknownMembers + ["temperature", "top_p"] { body[member] = nil }
        body["instructions"] = body["instructions"] ?? .string(Self.standardInstructions)
        body["store"] = false
        // It answers in no other way; who wants the whole gets the pieces put together.
        body["stream"] = true
        return .object(body)
    }
}
