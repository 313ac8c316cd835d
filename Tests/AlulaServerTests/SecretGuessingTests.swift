import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// Whoever guesses the secret over HTTP is counted, on every route that looks at it.
@Suite(.timeLimit(.minutes(5)))
struct SecretGuessingTests {
    private static func status(
        _ port: Int, _ path: String, secret: String, _ headers: String = ""
    ) async throws -> (Int, String) {
        let connection = try await RawPeer.connect(port: port)
        try await connection.write(
            """
            GET \(path) HTTP/1.1\r\nHost: gateway.example\r\nConnection: close\r\n\
            Authorization: Bearer \(secret)\r\n\(headers)\r\n
            """)
        let text = await connection.rest()
        return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0, text.lowercased())
    }

    @Test(arguments: ["/v1/models", "/metrics", "/readyz"])
    func tenWrongGuessesLockAnAddressOut(path: String) async throws {
        try await ServerRig.run { settings in
            settings.access.failureLimit.exemptsLoopback = false
        } _: { rig in
            for _ in 1...10 { _ = try await Self.status(rig.port, path, secret: "fake-guess") }
            // Even the right secret has to wait now.
            let (status, text) = try await Self.status(rig.port, "/v1/models", secret: ServerRig.secret)
            #expect(status == 429)
            #expect(text.contains("retry-after: "))
            #expect(text.contains("rate_limited"))
            let (metrics, _) = try await Self.status(rig.port, "/metrics", secret: ServerRig.secret)
            #expect(metrics == 401)
        }
    }

    @Test func programsOnThisMachineAreNotLockedOut() async throws {
        try await ServerRig.run { rig in
            for _ in 1...11 {
                let (status, _) = try await Self.status(rig.port, "/v1/models", secret: "fake-guess")
                #expect(status == 401)
            }
            let (status, _) = try await Self.status(rig.port, "/v1/models", secret: ServerRig.secret)
            #expect(status == 200)
        }
    }

    @Test func aProxyOnThisMachineExemptsNobody() async throws {
        let (guesser, other) = ("X-Forwarded-For: 203.0.113.7\r\n", "X-Forwarded-For: 203.0.113.8\r\n")
        func statuses(trusting proxies: [String]) async throws -> [Int] {
            var statuses: [Int] = []
            try await ServerRig.run({ $0.access.trustedProxies = TrustedProxies(proxies) }) { rig in
                for _ in 1...10 { _ = try await Self.status(rig.port, "/v1/models", secret: "fake-guess", guesser) }
                for client in [guesser, other, ""] {
                    statuses.append(
                        try await Self.status(rig.port, "/v1/models", secret: ServerRig.secret, client).0)
                }
            }
            return statuses
        }
        // A trusted proxy names the guesser; of another one, all clients are one.
        #expect(try await statuses(trusting: ["127.0.0.0/8"]) == [429, 200, 200])
        #expect(try await statuses(trusting: []) == [429, 429, 200])
    }

    @Test func aRefusedUpgradeCarriesTheSecurityHeaders() async throws {
        try await ServerRig.run { settings in
            settings.maximumUnauthenticatedPerAddress = 0
        } _: { rig in
            do {
                _ = try await RawPeer.webSocket(port: rig.port)
                Issue.record("The upgrade went through.")
            } catch let refused as RawPeer.Refused {
                #expect(refused.head.hasPrefix("HTTP/1.1 503"))
                #expect(refused.head.lowercased().contains("x-content-type-options: nosniff"))
                #expect(refused.head.lowercased().contains("referrer-policy: no-referrer"))
            }
        }
    }
}
