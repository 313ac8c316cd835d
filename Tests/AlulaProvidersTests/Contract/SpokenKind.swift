import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import Testing

@testable import AlulaProviders

/// One kind of API as the contract's tests need it: the same answers in the words of its providers.
struct SpokenKind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What is asked, below an address that ends in `/v1`.
    let path: String
    /// The line of a request's head that holds the key, in lower case.
    let keyLine: @Sendable (String) -> String
    let make: @Sendable (UpstreamClient, any LoginOpening, any ComputeOffloading) -> any ModelProvider
    /// Events that say a text, without an end.
    let said: @Sendable (String) -> String
    /// Everything that belongs before the first text.
    let opening: String
    /// Everything that belongs after the last text, to the end.
    let closing: String
    /// An answer in one piece that says a text; `nil` ends it without a reason.
    let whole: @Sendable (String, _ hasEnd: Bool) -> String
    /// An error, as its providers write it for a status.
    let error: @Sendable (_ status: Int, _ message: String) -> String
    /// The event that an error in a stream is.
    let errorEvent: @Sendable (_ status: Int, _ message: String) -> String
    /// A stream with thoughts, a text, two calls and the usage, and an answer in one piece that says the same.
    let rich: (stream: String, whole: String)
    /// Decodes a stream that comes in these parts.
    let decode: @Sendable ([[UInt8]]) throws -> [InferenceEvent]
    /// What is asked for a stream, where that is something else.
    var streamPath: String?
    /// What a request says about its model, and one for a stream besides.
    var marks = (model: #""model":"small""#, stream: #""stream":true"#)
    /// Whether a stream is asked for in any case.
    var alwaysStreams = false
    /// The media type of a stream.
    var streamType = "text/event-stream"
    /// What ``rich`` says, however it is cut.
    var richAnswer = Self.richAnswer()
    /// The same stream as other servers write it.
    var variants: @Sendable (String) -> [String] = { text in
        [
            text.replacing("\n", with: "\r\n"), text.replacing("\n", with: "\r"), "\u{FEFF}" + text,
            text.replacing("\n\n", with: "\nid: 7\nretry: 10\nnonsense\n\n: a comment\n\n\n"),
            String(text.dropLast(1)), String(text.dropLast(2)),
        ]
    }
    /// Streams that make no sense.
    var nonsense = ["data: {nonsense\n\n", "data: 4\n\n"]

    /// The head of a stream that ends with the connection.
    var streamHead: [UInt8] {
        Array("HTTP/1.1 200 OK\r\nContent-Type: \(streamType)\r\nConnection: close\r\n\r\n".utf8)
    }

    func stream(_ texts: String...) -> String { opening + texts.map(said).joined() + closing }

    /// - Parameters:
    ///   - arguments: Of the first call; kinds that send an object give it in another spelling.
    ///   - usage: As far as the kind counts.
    static func richAnswer(
        arguments: String = "{\"at\":\"\\u00fc\"}",
        usage: TokenUsage = TokenUsage(input: 12, output: 7, cacheRead: 5, reasoning: 2)
    ) -> InferenceAnswer {
        InferenceAnswer(
            parts: [
                .reasoning(Message.Reasoning(text: "Hm 🤔.")), .text("Grüße, 世界"),
                .toolCall(Message.ToolCall(id: "a", name: "look", arguments: arguments)),
                .toolCall(Message.ToolCall(id: "b", name: "wait", arguments: "{}")),
            ], finish: .toolCalls, usage: usage)
    }

    static let all = [
        openAICompletions, anthropicMessages, googleGenerativeAI, ollama, openAIResponses, chatGPTResponses,
    ]

    static func text(_ text: String) -> String {
        String(decoding: JSONValue.string(text).serialized(.compact), as: UTF8.self)
    }

    // MARK: Kinds

    static let openAICompletions = SpokenKind(
        testDescription: "openai-completions", path: "/v1/chat/completions",
        keyLine: { "authorization: bearer \($0)" },
        make: { OpenAICompletionsProvider(client: $0, logins: $1, offloading: $2) },
        said: { chunk(#"{"content":\#(text($0))}"#) },
        opening: chunk(#"{"role":"assistant","content":""}"#),
        closing: chunk("{}", #""stop""#) + "data: [DONE]\n\n",
        whole: {
            #"{"choices":[{"message":{"content":\#(text($0))},"finish_reason":\#($1 ? #""stop""# : "null")}]}"#
        },
        error: { #"{"error":{"message":\#(text($1)),"code":\#($0)}}"# },
        errorEvent: { "data: " + #"{"error":{"message":\#(text($1)),"code":\#($0)}}"# + "\n\n" },
        rich: (
            chunk(#"{"role":"assistant","reasoning_content":"Hm "}"#) + chunk(#"{"reasoning_content":"🤔."}"#)
                + chunk(#"{"content":"Grüße, "}"#) + chunk(#"{"content":"世界"}"#)
                + chunk(#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"{\"at\":"}}]}"#)
                + chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"\"\\u00fc\"}"}}]}"#)
                + chunk(#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"wait","arguments":"{}"}}]}"#)
                + chunk("{}", #""tool_calls""#) + "data: {\"choices\":[],\"usage\":\(openAIUsage)}\n\ndata: [DONE]\n\n",
            #"{"choices":[{"message":{"reasoning_content":"Hm 🤔.","content":"Grüße, 世界","tool_calls":[{"id":"a","function":{"name":"look","arguments":"{\"at\":\"\\u00fc\"}"}},{"id":"b","function":{"name":"wait","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":\#(openAIUsage)}"#
        ), decode: { try ProviderStream.read($0, of: .openAICompletions, login: OpenedLogin(secret: nil)) })

    private static let openAIUsage =
        #"{"prompt_tokens":12,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":5},"completion_tokens_details":{"reasoning_tokens":2}}"#

    private static func chunk(_ delta: String, _ finish: String = "null") -> String {
        "data: " + #"{"choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"# + "\n\n"
    }

    private static let anthropicMessages = SpokenKind(
        testDescription: "anthropic-messages", path: "/v1/messages",
        keyLine: { "x-api-key: \($0)" },
        make: { AnthropicMessagesProvider(client: $0, logins: $1, offloading: $2) },
        said: {
            event(
                "content_block_delta",
                #","index":0,"delta":{"type":"text_delta","text":\#(text($0))}"#)
        },
        opening: event("message_start", #","message":{"id":"m","model":"x","content":[]}"#) + event("ping")
            + event("content_block_start", #","index":0,"content_block":{"type":"text","text":""}"#),
        closing: event("content_block_stop", #","index":0"#)
            + event("message_delta", #","delta":{"stop_reason":"end_turn","stop_sequence":null}"#)
            + event("message_stop"),
        whole: {
            #"{"type":"message","content":[{"type":"text","text":\#(text($0))}],"stop_reason":\#($1 ? #""end_turn""# : "null")}"#
        },
        error: { #"{"type":"error","error":{"type":"\#(type($0))","message":\#(text($1))}}"# },
        errorEvent: { event("error", #","error":{"type":"\#(type($0))","message":\#(text($1))}"#) },
        rich: (
            event("message_start", #","message":{"id":"m","usage":{"input_tokens":7,"cache_read_input_tokens":5}}"#)
                + event("content_block_start", #","index":0,"content_block":{"type":"thinking","thinking":""}"#)
                + event("content_block_delta", #","index":0,"delta":{"type":"thinking_delta","thinking":"Hm "}"#)
                + event("content_block_delta", #","index":0,"delta":{"type":"thinking_delta","thinking":"🤔."}"#)
                + event("content_block_stop", #","index":0"#) + event("ping")
                + event("content_block_start", #","index":1,"content_block":{"type":"text","text":""}"#)
                + event("content_block_delta", #","index":1,"delta":{"type":"text_delta","text":"Grüße, "}"#)
                + event("content_block_delta", #","index":1,"delta":{"type":"text_delta","text":"世界"}"#)
                + event("content_block_stop", #","index":1"#)
                + event(
                    "content_block_start",
                    #","index":2,"content_block":{"type":"tool_use","id":"a","name":"look","input":{}}"#)
                + event("content_block_delta", #","index":2,"delta":{"type":"input_json_delta","partial_json":""}"#)
                + event(
                    "content_block_delta", #","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"at\":"}"#)
                + event(
                    "content_block_delta",
                    #","index":2,"delta":{"type":"input_json_delta","partial_json":"\"\\u00fc\"}"}"#)
                + event("content_block_stop", #","index":2"#)
                + event(
                    "content_block_start",
                    #","index":3,"content_block":{"type":"tool_use","id":"b","name":"wait","input":{}}"#)
                + event("content_block_delta", #","index":3,"delta":{"type":"input_json_delta","partial_json":"{}"}"#)
                + event("content_block_stop", #","index":3"#)
                + event(
                    "message_delta",
                    #","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":7,"output_tokens_details":{"thinking_tokens":2}}"#
                )
                + event("message_stop"),
            #"{"type":"message","content":[{"type":"thinking","thinking":"Hm 🤔."},{"type":"text","text":"Grüße, 世界"},{"type":"tool_use","id":"a","name":"look","input":{"at":"\u00fc"}},{"type":"tool_use","id":"b","name":"wait","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":7,"cache_read_input_tokens":5,"output_tokens":7,"output_tokens_details":{"thinking_tokens":2}}}"#
        ), decode: { try ProviderStream.read($0, of: .anthropicMessages, login: OpenedLogin(secret: nil)) })

    private static func event(_ name: String, _ members: String = "") -> String {
        "event: \(name)\ndata: {\"type\":\"\(name)\"\(members)}\n\n"
    }

    private static func type(_ status: Int) -> String {
        switch status {
        case 400: "invalid_request_error"
        case 401: "authentication_error"
        case 402: "billing_error"
        case 404: "not_found_error"
        case 429: "rate_limit_error"
        case 529: "overloaded_error"
        default: "api_error"
        }
    }
}
