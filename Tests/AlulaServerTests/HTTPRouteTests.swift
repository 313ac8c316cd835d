import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

@Suite(.timeLimit(.minutes(1)))
struct HTTPRouteTests {
    private static let bearer = "Authorization: Bearer fake-token-for-tests"
    private static let forwarded = "X-Forwarded-For: 203.0.113.7"

    @Test(arguments: ["/health", "/healthz"])
    func `liveness answers GET with a body and HEAD without`(path: String) async throws {
        try await ServerRig.run { rig in
            let answer = try await RawPeer.http(rig, "GET", path)
            #expect(answer.status == 200)
            #expect(answer.body == #"{"ok":true,"status":"live"}"#)
            let head = try await RawPeer.http(rig, "HEAD", path)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(head.headers["content-length"] == "\(answer.body.utf8.count)")
        }
    }

    // upstream: 10.9 readiness
    @Test(arguments: [true, false])
    func `readiness shows its reasons to this machine alone`(isReady: Bool) async throws {
        var operations = FakeOperations()
        operations.readinessAnswer = Readiness(
            isReady: isReady, failing: isReady ? [] : ["startup-sidecars"], uptime: .seconds(5))
        try await ServerRig.run(operations: operations) { rig in
            let local = try await RawPeer.http(rig, "GET", "/readyz")
            #expect(local.status == (isReady ? 200 : 503))
            let body = try JSONValue.parse(Array(local.body.utf8))
            #expect(body["ready"] == .bool(isReady))
            #expect(body["failing"] == (isReady ? [] : ["startup-sidecars"]))
            #expect(body["uptimeMs"] == 5000)

            let remote = try await RawPeer.http(rig, "GET", "/readyz", headers: [Self.forwarded])
            #expect(remote.body == #"{"ready":\#(isReady)}"#)
            let known = try await RawPeer.http(rig, "GET", "/readyz", headers: [Self.forwarded, Self.bearer])
            #expect(try JSONValue.parse(Array(known.body.utf8)) == body)
        }
    }

    @Test
    func `metrics are for this machine and for the secret`() async throws {
        try await ServerRig.run { rig in
            let local = try await RawPeer.http(rig, "GET", "/metrics")
            #expect(local.status == 200)
            #expect(local.body == "alula_up 1\n")
            #expect(local.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(try await RawPeer.http(rig, "GET", "/metrics", headers: [Self.forwarded]).status == 401)
            let known = try await RawPeer.http(rig, "GET", "/metrics", headers: [Self.forwarded, Self.bearer])
            #expect(known.status == 200)
        }
    }

    @Test
    func `models need the secret`() async throws {
        try await ServerRig.run { rig in
            #expect(try await RawPeer.http(rig, "GET", "/v1/models").status == 401)
            let wrong = try await RawPeer.http(
                rig, "GET", "/v1/models", headers: ["Authorization: Bearer fake-wrong-token"])
            #expect(wrong.status == 401)
            let all = try await RawPeer.http(rig, "GET", "/v1/models", headers: [Self.bearer])
            #expect(all.status == 200)
            let list = try JSONValue.parse(Array(all.body.utf8))
            #expect(list["object"] == "list")
            #expect(list["data"]?.array?.first?["id"] == "groq/llama/small")
        }
    }

    @Test(arguments: [
        ("/v1/models/groq/llama/small", 200), ("/v1/models/groq%2Fllama%2Fsmall", 200), ("/v1/models/other", 404),
    ])
    func `one model is found by its id`(path: String, status: Int) async throws {
        try await ServerRig.run { rig in
            let answer = try await RawPeer.http(rig, "GET", path, headers: [Self.bearer])
            #expect(answer.status == status)
            let body = try JSONValue.parse(Array(answer.body.utf8))
            #expect((body["id"] == "groq/llama/small") == (status == 200))
        }
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
    func `other methods are refused with what is allowed`(method: String) async throws {
        try await ServerRig.run { rig in
            let answer = try await RawPeer.http(rig, method, "/healthz", headers: ["Content-Length: 0"])
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == "GET, HEAD")
        }
    }

    @Test(arguments: ["GET", "POST", "DELETE"])
    func `an unknown path is not found`(method: String) async throws {
        try await ServerRig.run { rig in
            let answer = try await RawPeer.http(rig, method, "/no/such", headers: ["Content-Length: 0"])
            #expect(answer.status == 404)
        }
    }

    @Test(arguments: ["/healthz", "/no/such", "/v1/models"])
    func `every answer carries the security headers`(path: String) async throws {
        var settings = ServerRig.settings
        settings.strictTransportSecurity = "max-age=60"
        try await ServerRig.run(settings) { rig in
            let headers = try await RawPeer.http(rig, "GET", path).headers
            #expect(headers["x-content-type-options"] == "nosniff")
            #expect(headers["referrer-policy"] == "no-referrer")
            #expect(headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()")
            #expect(headers["strict-transport-security"] == "max-age=60")
        }
    }

    @Test
    func `a body beyond the bound is refused`() async throws {
        try await ServerRig.run { rig in
            let answer = try await RawPeer.http(rig, "POST", "/no/such", headers: ["Content-Length: 2000001"])
            #expect(answer.status == 413)
        }
    }
}
