import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// The HTTP side of the port, byte by byte.
struct HTTPAnswerTests {
    private static func ask(_ port: Int, _ request: String, _ headers: [String] = [], host: String = "127.0.0.1")
        async throws -> (status: Int, text: String)
    {
        let connection = try await RawConnection.connect(port: port)
        let lines = ["\(request) HTTP/1.1", "Host: \(host):\(port)", "Connection: close"] + headers
        try await connection.write(lines.joined(separator: "\r\n") + "\r\n\r\n")
        let text = await connection.rest()
        return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0, text)
    }

    private static let bearer = "Authorization: Bearer \(LiveGateway.secret)"

    @Test func answersEachRouteToTheRightCaller() async throws {
        let cases: [(String, [String], String, Int, String)] = [
            ("GET /healthz", [], "127.0.0.1", 200, #"{"ok":true,"status":"live"}"#),
            ("GET /health", [], "rebound.example", 200, #"{"ok":true,"status":"live"}"#),
            ("GET /readyz", [], "127.0.0.1", 503, #"{"ready":false,"failing":["warm"],"uptimeMs":2000}"#),
            ("GET /ready", [], "rebound.example", 503, #"{"ready":false}"#),
            ("GET /ready", [Self.bearer], "rebound.example", 503, #""failing":["warm"]"#),
            ("GET /metrics", [], "127.0.0.1", 200, "alula_up 1"),
            ("GET /metrics", [], "rebound.example", 401, "Unauthorized"),
            ("GET /metrics", ["X-Forwarded-For: 203.0.113.7"], "127.0.0.1", 401, "Unauthorized"),
            ("GET /v1/models", [], "127.0.0.1", 401, #"{"error":{"message":"Unauthorized","type":"unauthorized"}}"#),
            ("GET /v1/models", ["Authorization: Bearer wrong"], "127.0.0.1", 401, "Unauthorized"),
            (
                "GET /v1/models", [Self.bearer], "127.0.0.1", 200,
                #"{"object":"list","data":[{"id":"p/m","object":"model""#
            ),
            ("GET /v1/models/p/m", [Self.bearer], "127.0.0.1", 200, #""owned_by":"p""#),
            ("GET /v1/models/p%2Fm", [Self.bearer], "127.0.0.1", 200, #""id":"p/m""#),
            ("GET /v1/models/none", [Self.bearer], "127.0.0.1", 404, "Model 'none' not found."),
            ("POST /healthz", ["Content-Length: 0"], "127.0.0.1", 405, "Method Not Allowed"),
            ("GET /nothing", [], "127.0.0.1", 404, "Not Found"),
            ("POST /nothing", ["Content-Length: 2000001"], "127.0.0.1", 413, "Payload too large"),
        ]
        try await LiveGateway.run { gateway in
            for (request, headers, host, status, body) in cases {
                let answer = try await Self.ask(gateway.port, request, headers, host: host)
                #expect(answer.status == status, "\(request) \(headers.count) \(host)")
                #expect(answer.text.contains(body), "\(request): \(answer.text)")
                #expect(answer.text.lowercased().contains("x-content-type-options: nosniff"), "\(request)")
                #expect(!answer.text.contains(LiveGateway.secret))
            }
        }
    }

    @Test func answersHeadWithoutABody() async throws {
        try await LiveGateway.run { gateway in
            let answer = try await Self.ask(gateway.port, "HEAD /healthz")
            #expect(answer.status == 200)
            #expect(answer.text.lowercased().contains("content-length: 27"))
            #expect(answer.text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func refusesEndlessHeaders() async throws {
        try await LiveGateway.run { gateway in
            let long = "X-Long: " + String(repeating: "x", count: 40_000)
            let answer = try await Self.ask(gateway.port, "GET /healthz", [long])
            #expect(answer.status == 400)
        }
    }

    @Test func asksForAHostNameOfThisMachineWhereThereIsNoSecret() async throws {
        try await LiveGateway.run({ $0.authentication = .none }) { gateway in
            let own = try await Self.ask(gateway.port, "GET /v1/models")
            #expect(own.status == 200)
            let foreign = try await Self.ask(gateway.port, "GET /v1/models", host: "rebound.example")
            #expect(foreign.status == 401)
        }
    }

    @Test(arguments: [
        (ServerSettings.Binding.loopback, true), (.address("127.0.0.1"), true), (.address("::1"), true),
        (.address("192.168.1.2"), false), (.everywhere, false),
    ])
    func refusesToListenForStrangersWithoutASecret(binding: ServerSettings.Binding, isAllowed: Bool) {
        #expect((BindPolicy.refusal(binding: binding, authentication: .none) == nil) == isAllowed)
        #expect((BindPolicy.refusal(binding: binding, authentication: .token(Secret(" "))) == nil) == isAllowed)
        #expect(BindPolicy.refusal(binding: binding, authentication: .token(Secret("fake"))) == nil)
    }
}
