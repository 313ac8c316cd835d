import AlulaPrimitives
import AlulaProtocol
import Synchronization
import Testing

@testable import AlulaServer

/// The HTTP side of the port, byte by byte.
@Suite(.timeLimit(.minutes(5)))
struct HTTPAnswerTests {
    private static func ask(_ port: Int, _ request: String, _ headers: [String] = [], host: String = "127.0.0.1")
        async throws -> (status: Int, text: String)
    {
        let connection = try await RawPeer.connect(port: port)
        let lines = ["\(request) HTTP/1.1", "Host: \(host):\(port)", "Connection: close"] + headers
        try await connection.write(lines.joined(separator: "\r\n") + "\r\n\r\n")
        let text = await connection.rest()
        return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0, text)
    }

    private static let bearer = "Authorization: Bearer \(ServerRig.secret)"

    @Test func answersEachRouteToTheRightCaller() async throws {
        let cases: [(String, [String], String, Int, String)] = [
            ("GET /healthz", [], "127.0.0.1", 200, #"{"ok":true,"status":"live"}"#),
            ("GET /health", [], "rebound.example", 200, #"{"ok":true,"status":"live"}"#),
            ("GET /readyz", [], "127.0.0.1", 503, #"{"ready":false,"failing":["warm"],"uptimeMs":2000}"#),
            ("GET /ready", [], "rebound.example", 503, #"{"ready":false}"#),
            ("GET /ready", [Self.bearer], "rebound.example", 503, #""failing":["warm"]"#),
            ("GET /metrics", [], "127.0.0.1", 200, "text/plain; version=0.0.4; charset=utf-8"),
            ("GET /metrics", [], "127.0.0.1", 200, "alula_up 1"),
            ("GET /metrics", [Self.bearer], "rebound.example", 200, "alula_up 1"),
            ("GET /metrics", [], "rebound.example", 401, "Unauthorized"),
            ("GET /metrics", ["X-Forwarded-For: 203.0.113.7"], "127.0.0.1", 401, "Unauthorized"),
            ("GET /v1/models", [], "127.0.0.1", 401, #"{"error":{"message":"Unauthorized","type":"unauthorized"}}"#),
            // A secret in an address would end up in logs, so it opens nothing.
            ("GET /v1/models?token=fake-token-for-tests", [], "127.0.0.1", 401, "Unauthorized"),
            ("GET /v1/models", ["Authorization: Bearer wrong"], "127.0.0.1", 401, "Unauthorized"),
            (
                "GET /v1/models", [Self.bearer], "127.0.0.1", 200,
                #"{"object":"list","data":[{"id":"p/m","object":"model""#
            ),
            ("GET /v1/models/p/m", [Self.bearer], "127.0.0.1", 200, #""owned_by":"p""#),
            ("GET /v1/models/p%2Fm", [Self.bearer], "127.0.0.1", 200, #""id":"p/m""#),
            ("GET /v1/models/none", [Self.bearer], "127.0.0.1", 404, "Model 'none' not found."),
            ("POST /healthz", ["Content-Length: 0"], "127.0.0.1", 405, "Method Not Allowed"),
            ("PUT /readyz", ["Content-Length: 0"], "127.0.0.1", 405, "GET, HEAD"),
            ("PATCH /v1/models", ["Content-Length: 0"], "127.0.0.1", 405, "GET, HEAD"),
            ("DELETE /healthz", ["Content-Length: 0"], "127.0.0.1", 405, "GET, HEAD"),
            ("OPTIONS /healthz", [], "127.0.0.1", 405, "GET, HEAD"),
            ("DELETE /nothing", ["Content-Length: 0"], "127.0.0.1", 404, "Not Found"),
            ("GET /nothing", [], "127.0.0.1", 404, "Not Found"),
            ("POST /nothing", ["Content-Length: 2000001"], "127.0.0.1", 413, "Payload too large"),
        ]
        try await ServerRig.run { rig in
            for (request, headers, host, status, body) in cases {
                let answer = try await Self.ask(rig.port, request, headers, host: host)
                #expect(answer.status == status, "\(request) \(headers.count) \(host)")
                #expect(answer.text.contains(body), "\(request): \(answer.text)")
                #expect(answer.text.lowercased().contains("x-content-type-options: nosniff"), "\(request)")
                #expect(!answer.text.contains(ServerRig.secret))
            }
        }
    }

    @Test func answersHeadWithoutABody() async throws {
        try await ServerRig.run { rig in
            let answer = try await Self.ask(rig.port, "HEAD /healthz")
            #expect(answer.status == 200)
            #expect(answer.text.lowercased().contains("content-length: 27"))
            #expect(answer.text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func refusesEndlessHeaders() async throws {
        try await ServerRig.run { rig in
            let long = "X-Long: " + String(repeating: "x", count: 40_000)
            let answer = try await Self.ask(rig.port, "GET /healthz", [long])
            #expect(answer.status == 400)
        }
    }

    @Test func asksForAHostNameOfThisMachineWhereThereIsNoSecret() async throws {
        try await ServerRig.run({ $0.access.authentication = .none }) { rig in
            let own = try await Self.ask(rig.port, "GET /v1/models")
            #expect(own.status == 200)
            let foreign = try await Self.ask(rig.port, "GET /v1/models", host: "rebound.example")
            #expect(foreign.status == 401)
        }
    }

    // upstream: 10.9 readiness
    @Test func aReadyGatewaySaysSo() async throws {
        try await ServerRig.run { rig in
            rig.operations.readinessAnswer.withLock { $0 = Readiness(isReady: true, uptime: .seconds(5)) }
            let local = try await Self.ask(rig.port, "GET /readyz")
            #expect(local.status == 200)
            #expect(local.text.hasSuffix(#"{"ready":true,"failing":[],"uptimeMs":5000}"#))
            let remote = try await Self.ask(rig.port, "GET /readyz", ["X-Forwarded-For: 203.0.113.7"])
            #expect(remote.text.hasSuffix(#"{"ready":true}"#))
        }
    }

    @Test(arguments: ["GET /healthz", "GET /no/such", "GET /v1/models"])
    func everyAnswerCarriesTheSecurityHeaders(request: String) async throws {
        try await ServerRig.run({ $0.strictTransportSecurity = "max-age=60" }) { rig in
            let text = try await Self.ask(rig.port, request).text.lowercased()
            for header in [
                "x-content-type-options: nosniff", "referrer-policy: no-referrer",
                "permissions-policy: camera=(), geolocation=(), microphone=()",
                "strict-transport-security: max-age=60",
            ] {
                #expect(text.contains(header))
            }
        }
    }
}
