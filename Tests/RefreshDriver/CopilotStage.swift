import AlulaPrimitives
import NIOHTTP1
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Plays GitHub, which gives passes, and the API that they open.
///
/// `POST /login/device/code` gives a code to type, which `GET /login/device?<code>` types; the login is `CANARY-github-good` then.
/// Who asks whether it was typed is told to be slower, once.
///
/// `GET /copilot_internal/v2/token` gives a pass for the token `CANARY-github-good`; the one before goes on. `GET /copilot/revoke`
/// ends all that were given, `GET /copilot/exchanges` says how often somebody asked. Answers to calls say what the call told of itself.
final class CopilotStage: Sendable {
    private struct State {
        var asked = 0
        var given = 0
        /// The first pass that is good.
        var firstGood = 1
        var isTyped = false
        var hasSlowed = false
    }

    private let state = Mutex(State())

    /// - Returns: `nil` for what is no part of this play.
    func answer(_ head: HTTPRequestHead, _ body: String, port: Int) -> (status: Int, text: String)? {
        switch (head.method, head.uri) {
        case (.GET, "/copilot_internal/v2/token"): exchange(head.headers, port)
        case (.GET, "/copilot/exchanges"): (200, "\(state.withLock { $0.asked })")
        case (.GET, "/copilot/revoke"):
            state.withLock { state in
                state.firstGood = state.given + 1
                return (200, "revoked")
            }
        case (.POST, "/login/device/code"): device(body)
        case (.POST, "/login/oauth/access_token"): login(body)
        case (.GET, "/login/device?FAKE-2000"):
            state.withLock { state in
                state.isTyped = true
                return (200, "typed")
            }
        case (.POST, let uri) where uri.hasPrefix("/copilot/"):
            call(uri.dropFirst("/copilot".count), head.headers, body)
        default: nil
        }
    }

    private func exchange(_ headers: HTTPHeaders, _ port: Int) -> (status: Int, text: String) {
        let token = headers.first(name: "authorization") ?? ""
        guard token == "token CANARY-github-good" else {
            state.withLock { $0.asked += 1 }
            guard token == "token CANARY-github-unpaid" else {
                return (401, #"{"message":"Bad credentials: \#(token)","status":"401"}"#)
            }
            return (
                403,
                #"{"error_details":{"message":"No access to GitHub Copilot found for CANARY-github-unpaid.","notification_id":"no_copilot_access"},"message":"Resource not accessible"}"#
            )
        }
        let number = state.withLock { state in
            state.asked += 1
            state.given += 1
            return state.given
        }
        return (
            200,
            #"{"token":"CANARY-pass-\#(number);proxy-ep=proxy.copilot.example","expires_at":\#(time(nil) + 1800),"refresh_in":1500,"#
                + #""endpoints":{"api":"http://127.0.0.1:\#(port)/copilot"}}"#
        )
    }

    private func device(_ body: String) -> (status: Int, text: String) {
        guard body == "client_id=Iv1.b507a08c87ecfe98&scope=read%3Auser" else {
            return (400, #"{"error":"invalid_scope"}"#)
        }
        return (
            200,
            #"{"device_code":"CANARY-device","user_code":"FAKE-2000","verification_uri":"http://elsewhere.example","#
                + #""expires_in":899,"interval":1}"#
        )
    }

    private func login(_ body: String) -> (status: Int, text: String) {
        guard body.contains("device_code=CANARY-device&"), body.contains("client_id=Iv1.b507a08c87ecfe98") else {
            return (200, #"{"error":"incorrect_device_code"}"#)
        }
        return state.withLock { state in
            if state.isTyped {
                return (200, #"{"access_token":"CANARY-github-good","token_type":"bearer","scope":"read:user"}"#)
            }
            defer { state.hasSlowed = true }
            return (
                200, state.hasSlowed ? #"{"error":"authorization_pending"}"# : #"{"error":"slow_down","interval":1}"#
            )
        }
    }

    private func call(_ path: Substring, _ headers: HTTPHeaders, _ body: String) -> (status: Int, text: String) {
        let pass = headers.first(name: "authorization") ?? ""
        let number = Int(pass.dropFirst("Bearer CANARY-pass-".count).prefix { $0 != ";" }) ?? 0
        let isGood = state.withLock { (state: inout State) in number >= state.firstGood && number <= state.given }
        guard isGood, pass == "Bearer CANARY-pass-\(number);proxy-ep=proxy.copilot.example" else {
            return (401, #"{"error":{"message":"\#(pass) is no pass","code":"unauthorized"}}"#)
        }
        guard headers.first(name: "editor-version")?.hasPrefix("alula/") == true,
            headers.first(name: "copilot-integration-id") != nil, headers.first(name: "x-api-key") == nil,
            let initiator = headers.first(name: "x-initiator")
        else { return (400, #"{"error":{"message":"missing Editor-Version header for IDE auth"}}"#) }
        let sees = headers.first(name: "copilot-vision-request") ?? "false"
        let text = "by \(initiator), sees \(sees), through \(path)"
        let isStreamed = body.contains(#""stream":true"#)
        switch path {
        case "/chat/completions": return (200, isStreamed ? Self.chunks(text) : Self.completion(text))
        case "/responses": return (200, isStreamed ? Self.events(text) : Self.response(text))
        case "/v1/messages": return (200, isStreamed ? Self.messageEvents(text) : Self.message(text))
        default: return (404, #"{"error":{"message":"no such path"}}"#)
        }
    }

    // MARK: Dialects

    private static func completion(_ text: String) -> String {
        #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"\#(text)"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}"#
    }

    private static func chunks(_ text: String) -> String {
        let head = #"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":"#
        return """
            data: \(head){"role":"assistant","content":"\(text)"},"finish_reason":null}]}

            data: \(head){},"finish_reason":"stop"}]}

            data: [DONE]


            """
    }

    private static func response(_ text: String) -> String {
        #"{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"completed","output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"\#(text)","annotations":[]}]}],"usage":{"input_tokens":3,"output_tokens":5,"total_tokens":8}}"#
    }

    private static func events(_ text: String) -> String {
        """
        event: response.created
        data: {"type":"response.created","response":{"id":"resp_1","model":"m","status":"in_progress","output":[]}}

        event: response.output_item.added
        data: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"msg_1","role":"assistant","content":[]}}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"msg_1","delta":"\(text)"}

        event: response.completed
        data: {"type":"response.completed","response":\(response(text))}


        """
    }

    private static func message(_ text: String) -> String {
        #"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"\#(text)"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":5}}"#
    }

    private static func messageEvents(_ text: String) -> String {
        """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\(text)"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}

        event: message_stop
        data: {"type":"message_stop"}


        """
    }
}
