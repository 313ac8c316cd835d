import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

/// One gateway asks another one by each kind of API, for callers of each dialect.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct DialectTrafficTests {
    /// What a caller of a dialect sends and gets.
    private struct Caller: Sendable {
        let path: String
        /// Members besides the model and whether the answer is streamed.
        let members: String
        let mark: String
        /// What the answer to a forced call holds, besides the tool's name.
        let tools: String
        let toolWord: String
    }

    private static let callers = [
        Caller(
            path: "/v1/chat/completions", members: #""messages":[{"role":"user","content":"Hello there"}]"#,
            mark: "data: [DONE]",
            tools:
                #""tool_choice":"required","tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}]"#,
            toolWord: #""finish_reason":"tool_calls""#),
        Caller(
            path: "/v1/messages", members: #""max_tokens":100,"messages":[{"role":"user","content":"Hello there"}]"#,
            mark: "event: message_stop",
            tools: #""tool_choice":{"type":"any"},"tools":[{"name":"look","input_schema":{"type":"object"}}]"#,
            toolWord: #""stop_reason":"tool_use""#),
        Caller(
            path: "/v1/responses", members: #""input":"Hello there""#, mark: "event: response.completed",
            tools:
                #""tool_choice":"required","tools":[{"type":"function","name":"look","parameters":{"type":"object"}}]"#,
            toolWord: #""type":"function_call""#),
    ]

    private static func request(_ gateway: GatewayUnderTest, _ path: String, _ body: String) -> String {
        """
        POST \(path) HTTP/1.1\r
        Host: 127.0.0.1:\(gateway.port)\r
        x-api-key: \(gateway.token.exposed)\r
        Content-Type: application/json\r
        Content-Length: \(body.utf8.count)\r
        Connection: close\r
        \r
        \(body)
        """
    }

    @Test func anyDialectReachesAnyKindOfAPI() async throws {
        let behind = try Installation()
        let provider = try await behind.startGateway()
        let installation = try Installation(variables: ["LAB_KEY": provider.token.exposed])
        try installation.write(
            "openclaw.json",
            """
            {models: {providers: {
                chat: {baseUrl: 'http://127.0.0.1:\(provider.port)/v1', api: 'openai-completions', apiKey: '${LAB_KEY}',
                       models: [{id: 'alula/echo'}, {id: 'alula/echo?fail=402'}]},
                responses: {baseUrl: 'http://127.0.0.1:\(provider.port)/v1', api: 'openai-responses',
                            apiKey: '${LAB_KEY}', models: [{id: 'alula/echo'}, {id: 'alula/echo?fail=402'}]},
                messages: {baseUrl: 'http://127.0.0.1:\(provider.port)', api: 'anthropic-messages', apiKey: '${LAB_KEY}',
                           models: [{id: 'alula/echo'}, {id: 'alula/echo?fail=402'}]}}},
             agents: {defaults: {model: 'chat/alula/echo?fail=402'}}}
            """)
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let port = gateway.port
        func answer(_ path: String, _ body: String) async throws -> String {
            let request = Self.request(gateway, path, body)
            return try await BlockingPool().run("http", deadline: .after(.seconds(300))) {
                try RawSocket.exchange(request, port: port)
            }
        }
        var texts: [String] = []
        for (caller, kind) in Self.callers.flatMap({ caller in ["chat", "messages", "responses"].map { (caller, $0) } })
        {
            let model = #""model":"\#(kind)/alula/echo""#
            let whole = try await answer(caller.path, "{\(model),\(caller.members)}")
            #expect(whole.hasPrefix("HTTP/1.1 200"), "\(caller.path) \(kind)")
            #expect(whole.contains("Alula's test model repeats: Hello there"))
            #expect(whole.lowercased().contains("x-alula-provider: \(kind)"))
            #expect(whole.contains(#"_tokens":6"#))
            let stream = try await answer(caller.path, #"{\#(model),"stream":true,\#(caller.members)}"#)
            #expect(stream.contains(caller.mark), "\(caller.path) \(kind)")
            #expect(stream.contains("repeats:"))
            let call = try await answer(caller.path, "{\(model),\(caller.members),\(caller.tools)}")
            #expect(call.contains(caller.toolWord) && call.contains(#""name":"look""#), "\(caller.path) \(kind)")
            let failed = try await answer(
                caller.path, #"{"model":"\#(kind)/alula/echo?fail=402",\#(caller.members)}"#)
            #expect(failed.hasPrefix("HTTP/1.1 402"), "\(caller.path) \(kind)")
            texts += [whole, stream, call, failed]
        }
        for (kind, isEstimate) in [("chat", true), ("messages", false)] {
            let body = #"{"model":"\#(kind)/alula/echo","messages":[{"role":"user","content":"Hello there"}]}"#
            let count = try await answer("/v1/messages/count_tokens", body)
            #expect(count.hasSuffix(#"{"input_tokens":3}"#))
            #expect(count.lowercased().contains("x-alula-estimate: \(isEstimate)"))
            texts.append(count)
        }
        // What one provider can't be told is the caller's to leave out, and has a name.
        for kind in ["messages", "responses"] {
            let seeded = try await answer(
                "/v1/chat/completions", #"{"model":"\#(kind)/alula/echo","seed":7,\#(Self.callers[0].members)}"#)
            #expect(seeded.hasPrefix("HTTP/1.1 400"), "\(kind)")
            #expect(seeded.contains(#""param":"seed""#), "\(kind)")
            texts.append(seeded)
        }
        let secret = provider.token.exposed
        for text in texts + [gateway.logText] { #expect(!text.contains(secret)) }
        #expect(try await gateway.stop() == .exited(0))
        #expect(try await provider.stop() == .exited(0))
    }
}
