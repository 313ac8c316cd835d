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
        """
        POST /v1/chat/completions HTTP/1.1\r
        Host: 127.0.0.1:\(gateway.port)\r
        Authorization: Bearer \(gateway.token.exposed)\r
        Content-Type: application/json\r
        Content-Length: \(body.utf8.count)\r
        Connection: close\r
        \r
        \(body)
        """
    }

    @Test func aGatewayWithoutAnyLoginAnswers() async throws {
        let installation = try Installation()
        let gateway = try await installation.startGateway()
        let body = #"{"model":"alula/echo","messages":[{"role":"user","content":"Hello there"}]}"#
        let request = Self.ask(gateway, body)
        let port = gateway.port
        let answer = try await BlockingPool().run("http", deadline: .after(.seconds(300))) {
            try RawSocket.exchange(request, port: port)
        }
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
        let port = gateway.port
        func answer(_ model: String) async throws -> String {
            let request = Self.ask(
                gateway, #"{"model":"\#(model)","messages":[{"role":"user","content":"Hello there"}]}"#)
            return try await BlockingPool().run("http", deadline: .after(.seconds(300))) {
                try RawSocket.exchange(request, port: port)
            }
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
