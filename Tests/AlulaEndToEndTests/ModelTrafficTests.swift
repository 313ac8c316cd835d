import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The built gateway is asked for answers of a model, and stopped in the middle of some.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ModelTrafficTests {
    private static func ask(_ gateway: GatewayUnderTest, _ body: String) -> String {
        gateway.request("/v1/chat/completions", body)
    }

    @Test func aGatewayWithoutAnyLoginAnswers() async throws {
        let installation = try Installation()
        let gateway = try await installation.startGateway()
        let body = #"{"model":"alula/echo","messages":[{"role":"user","content":"Hello there"}]}"#
        let answer = try await gateway.post("/v1/chat/completions", body)
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        #expect(answer.contains("Alula's test model repeats: Hello there"))
        #expect(answer.lowercased().contains("x-alula-model: alula/echo"))
        let metrics = try await gateway.http("/metrics")
        #expect(metrics.contains(#"alula_model_requests_total{outcome="ok"} 1"#))
        #expect(metrics.contains("alula_model_requests_open 0"))
        #expect(try await gateway.stop() == .exited(0))
    }

    /// What the configuration says about models counts for requests: which one an agent asks, and who stands in for it.
    @Test func aModelThatFailsIsStoodInFor() async throws {
        let installation = try Installation()
        try installation.write(
            "openclaw.json",
            """
            {agents: {defaults: {model: {primary: 'alula/echo?fail=503', fallbacks: ['alula/echo?break=0', 'alula/echo?words=3']}},
                      list: [{id: 'main'}, {id: 'lost', model: {primary: 'alula/echo?fail=500', fallbacks: ['openai/gpt-5.5']}}]}}
            """)
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        func answer(_ model: String) async throws -> String {
            try await gateway.post(
                "/v1/chat/completions",
                #"{"model":"\#(model)","messages":[{"role":"user","content":"Hello there"}]}"#)
        }
        let stoodIn = try await answer("openclaw")
        #expect(stoodIn.hasPrefix("HTTP/1.1 200"))
        #expect(stoodIn.contains("word1 word2 word3"))
        #expect(stoodIn.lowercased().contains("x-alula-attempts: 3"))
        #expect(stoodIn.lowercased().contains("x-alula-model: alula/echo?words=3"))
        let lost = try await answer("openclaw/lost")
        #expect(lost.hasPrefix("HTTP/1.1 504"))
        #expect(lost.contains("All models failed (2): alula/echo?fail=500: "))
        #expect(lost.contains("openai/gpt-5.5: "))
        #expect(try await answer("openclaw/nobody").hasPrefix("HTTP/1.1 404"))
        #expect(try await gateway.stop() == .exited(0))
    }

    /// One gateway asks another one as it would ask any provider, with a key that its caller never sees.
    @Test func aConfiguredProviderIsAsked() async throws {
        let behind = try Installation()
        let provider = try await behind.startGateway()
        let installation = try Installation(variables: ["LAB_KEY": provider.token.exposed])
        try installation.write(
            "openclaw.json",
            """
            {models: {providers: {lab: {baseUrl: 'http://127.0.0.1:\(provider.port)/v1', api: 'openai-completions',
                apiKey: '${LAB_KEY}', models: [{id: 'alula/echo'}, {id: 'alula/echo?fail=402'}, {id: 'nobody/gone'}]}}},
             agents: {defaults: {model: 'lab/alula/echo?fail=402'}}}
            """)
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let port = gateway.port
        func answer(_ model: String, _ members: String = "") async throws -> String {
            let request = Self.ask(
                gateway, #"{"model":"lab/\#(model)"\#(members),"messages":[{"role":"user","content":"Hello there"}]}"#)
            return try await BlockingPool().run("http", deadline: .after(.seconds(300))) {
                try RawSocket.exchange(request, port: port)
            }
        }
        let whole = try await answer("alula/echo")
        #expect(whole.hasPrefix("HTTP/1.1 200"))
        #expect(whole.contains("Alula's test model repeats: Hello there"))
        #expect(whole.lowercased().contains("x-alula-provider: lab"))
        #expect(whole.contains(#""completion_tokens":6"#))
        let stream = try await answer("alula/echo", #","stream":true,"stream_options":{"include_usage":true}"#)
        #expect(stream.contains("data: [DONE]"))
        #expect(stream.contains(#""completion_tokens":6"#))
        let broke = try await answer("alula/echo", #","stream":true,"echo":{"break":2}"#)
        #expect(broke.contains("told to break its answer off"))
        #expect(!broke.contains("[DONE]"))
        let failed = try await answer("alula/echo?fail=402")
        #expect(failed.hasPrefix("HTTP/1.1 402"))
        let gone = try await answer("nobody/gone")
        #expect(gone.contains("All models failed (2): lab/nobody/gone: The model `nobody/gone` does not exist here"))
        #expect(gone.contains("lab/alula/echo?fail=402: "))
        let secret = provider.token.exposed
        for text in [whole, stream, broke, failed, gone, gateway.logText] { #expect(!text.contains(secret)) }
        #expect(try await gateway.stop() == .exited(0))
        #expect(try await provider.stop() == .exited(0))
    }

    /// Answers that would go on for minutes don't keep the gateway from stopping, and their callers hear of it.
    @Test func stoppingTellsCallersOfAnswersUnderWay() async throws {
        let installation = try Installation()
        let gateway = try await installation.startGateway()
        let body = #"{"model":"alula/echo?stall=2","stream":true,"messages":[{"role":"user","content":"Hello there"}]}"#
        let request = Self.ask(gateway, body)
        let port = gateway.port
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await BlockingPool().run("http", deadline: .after(.seconds(300))) {
                        try RawSocket.exchange(request, port: port, silence: 300)
                    }
                }
            }
            while try await !gateway.http("/metrics").contains("alula_model_requests_open 20") { await Task.yield() }
            #expect(try await gateway.stop() == .exited(0))
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(answers.count == 20)
        for answer in answers {
            #expect(answer.contains("The gateway is stopping"))
            #expect(answer.hasSuffix("0\r\n\r\n"))
        }
    }
}
