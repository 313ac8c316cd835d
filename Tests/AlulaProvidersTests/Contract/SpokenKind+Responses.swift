import AlulaAuth
import AlulaInference
import AlulaModels

@testable import AlulaProviders

extension SpokenKind {
    static let openAIResponses = responses("openai-responses", at: "/v1/responses") {
        OpenAIResponsesProvider(client: $0, logins: $1, offloading: $2)
    }
    static let chatGPTResponses = {
        var kind = responses("openai-chatgpt-responses", at: "/v1/codex/responses") {
            ChatGPTResponsesProvider(client: $0, logins: $1, offloading: $2)
        }
        kind.alwaysStreams = true
        return kind
    }()

    private static func responses(
        _ name: String, at path: String,
        _ make: @escaping @Sendable (UpstreamClient, any LoginOpening, any ComputeOffloading) -> any ModelProvider
    ) -> SpokenKind {
        SpokenKind(
            testDescription: name, path: path,
            keyLine: { "authorization: bearer \($0)" }, make: make,
            said: { event("output_text.delta", #","output_index":0,"content_index":0,"delta":\#(text($0))"#) },
            opening: event("created", #","response":{"id":"resp_1","model":"x","status":"in_progress","output":[]}"#)
                + event("in_progress", #","response":{"id":"resp_1","model":"x","status":"in_progress","output":[]}"#)
                + event("output_item.added", #","output_index":0,"item":{"id":"m","type":"message","content":[]}"#)
                + event(
                    "content_part.added",
                    #","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}"#),
            closing: event("completed", #","response":{"id":"resp_1","model":"x","status":"completed","error":null}"#),
            whole: {
                #"{"id":"resp_1","object":"response","status":\#($1 ? #""completed""# : "null"),"error":null,"output":[{"id":"m","type":"message","role":"assistant","content":[{"type":"output_text","text":\#(text($0)),"annotations":[]}]}]}"#
            },
            error: { #"{"error":{"message":\#(text($1)),"type":"server_error","code":"\#(code($0))","param":null}}"# },
            errorEvent: {
                "event: error\ndata: "
                    + #"{"type":"error","code":"\#(code($0))","message":\#(text($1)),"param":null,"sequence_number":3}"#
                    + "\n\n"
            },
            rich: (richStream, richWhole),
            decode: { try ProviderStream.read($0, of: .openAIResponses, login: OpenedLogin(secret: nil)) })
    }

    private static let usage =
        #"{"input_tokens":12,"input_tokens_details":{"cached_tokens":5},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":19}"#

    private static let items = [
        #"{"id":"r","type":"reasoning","summary":[{"type":"summary_text","text":"Hm 🤔."}]}"#,
        #"{"id":"m","type":"message","role":"assistant","content":[{"type":"output_text","text":"Grüße, 世界"}]}"#,
        #"{"id":"f","type":"function_call","call_id":"a","name":"look","arguments":"{\"at\":\"\\u00fc\"}"}"#,
        #"{"id":"g","type":"function_call","call_id":"b","name":"wait","arguments":"{}"}"#,
    ]

    private static let richWhole =
        #"{"id":"resp_1","status":"completed","error":null,"output":[\#(items.joined(separator: ","))],"usage":\#(usage)}"#

    /// As the API writes it, thoughts and pieces of arguments included.
    private static let richStream =
        event("created", #","response":{"id":"resp_1","model":"x","status":"in_progress"}"#)
        + event("output_item.added", #","output_index":0,"item":{"id":"r","type":"reasoning","summary":[]}"#)
        + event(
            "reasoning_summary_part.added", #","item_id":"r","output_index":0,"summary_index":0,"part":{"text":""}"#)
        + event(
            "reasoning_summary_text.delta", #","item_id":"r","output_index":0,"summary_index":0,"delta":"Hm ""#)
        + event(
            "reasoning_summary_text.delta", #","item_id":"r","output_index":0,"summary_index":0,"delta":"🤔.""#)
        + event(
            "reasoning_summary_text.done", #","item_id":"r","output_index":0,"summary_index":0,"text":"Hm 🤔.""#)
        + event("output_item.done", #","output_index":0,"item":\#(items[0])"#)
        + event("output_item.added", #","output_index":1,"item":{"id":"m","type":"message","content":[]}"#)
        + event("output_text.delta", #","item_id":"m","output_index":1,"content_index":0,"delta":"Grüße, ""#)
        + event("output_text.delta", #","item_id":"m","output_index":1,"content_index":0,"delta":"世界""#)
        + event("output_text.done", #","item_id":"m","output_index":1,"content_index":0,"text":"Grüße, 世界""#)
        + event("output_item.done", #","output_index":1,"item":\#(items[1])"#)
        + event(
            "output_item.added",
            #","output_index":2,"item":{"id":"f","type":"function_call","call_id":"a","name":"look","arguments":""}"#)
        + event("function_call_arguments.delta", #","item_id":"f","output_index":2,"delta":"{\"at\":""#)
        + event("function_call_arguments.delta", #","item_id":"f","output_index":2,"delta":"\"\\u00fc\"}""#)
        + event(
            "function_call_arguments.done", #","item_id":"f","output_index":2,"arguments":"{\"at\":\"\\u00fc\"}""#)
        + event("output_item.done", #","output_index":2,"item":\#(items[2])"#)
        + event(
            "output_item.added",
            #","output_index":3,"item":{"id":"g","type":"function_call","call_id":"b","name":"wait","arguments":""}"#)
        + event("function_call_arguments.done", #","item_id":"g","output_index":3,"arguments":"{}""#)
        + event("output_item.done", #","output_index":3,"item":\#(items[3])"#)
        + event("completed", #","response":\#(richWhole)"#)

    private static func event(_ name: String, _ members: String = "") -> String {
        "event: response.\(name)\ndata: {\"type\":\"response.\(name)\"\(members)}\n\n"
    }

    private static func code(_ status: Int) -> String {
        switch status {
        case 400: "invalid_prompt"
        case 401: "invalid_api_key"
        case 402: "insufficient_quota"
        case 404: "model_not_found"
        case 429: "rate_limit_exceeded"
        case 529: "server_is_overloaded"
        default: "server_error"
        }
    }
}
