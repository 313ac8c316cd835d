import AlulaInference
import AlulaJSON

/// A provider of a kind of API that no caller speaks, for tests.
protocol PlayedProvider: Sendable {
    /// As the provider is sent it.
    static func write(_ request: InferenceRequest) throws -> JSONValue
    /// As the provider understands it.
    static func read(_ value: JSONValue) throws -> InferenceRequest
    /// What of a request the kind has words for.
    static func sayable(_ request: InferenceRequest) -> InferenceRequest
    /// A request without what changes no answer and gets lost.
    static func plain(_ request: InferenceRequest) -> InferenceRequest
    /// An answer as the provider sends it.
    static func stream(_ answer: InferenceAnswer, _ pieces: [InferenceEvent]) -> [UInt8]
    static func decode(_ bytes: [UInt8]) throws -> [InferenceEvent]
    /// What of an answer the kind has words for.
    static func sayable(_ answer: InferenceAnswer) -> InferenceAnswer
    /// An answer as it comes out.
    static func plain(_ answer: InferenceAnswer) -> InferenceAnswer
}

extension PlayedProvider {
    static func sayable(_ answer: InferenceAnswer) -> InferenceAnswer {
        var answer = answer
        answer.parts.removeAll { if case .reasoning(let part) = $0 { part.encrypted != nil } else { false } }
        if answer.finish != .length { answer.finish = answer.toolCalls.isEmpty ? .stop : .toolCalls }
        answer.usage?.cacheWrite = 0
        return answer
    }

    /// Without what every kind loses.
    static func common(_ request: InferenceRequest) -> InferenceRequest {
        var request = request
        request.user = nil
        request.isStreamed = false
        request.allowsParallelToolCalls = nil
        request.tools = request.tools.map { tool in
            ToolDefinition(name: tool.name, description: tool.description, parameters: tool.parameters)
        }
        if case .jsonSchema(let schema) = request.format {
            request.format = .jsonSchema(ResponseFormat.Schema(name: "", schema: schema.schema))
        }
        return request
    }

    static func text(_ value: JSONValue?) -> String { value?.string ?? "" }

    static func json(_ value: JSONValue?) -> String {
        String(decoding: (value ?? .null).serialized(.compact), as: UTF8.self)
    }
}
