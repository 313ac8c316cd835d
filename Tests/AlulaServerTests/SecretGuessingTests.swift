import AlulaPrimitives
import Testing

@testable import AlulaServer

/// Whoever guesses the secret over HTTP is counted, on every route that looks at it.
struct SecretGuessingTests {
    private static func status(_ port: Int, _ path: String, secret: String) async throws -> (Int, String) {
        let connection = try await RawConnection.connect(port: port)
        try await connection.write(
            """
            GET \(path) HTTP/1.1\r\nHost: gateway.example\r\nConnection: close\r\n\
            Authorization: Bearer \(secret)\r\n\r\n
            """)
        let text = await connection.rest()
        return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0, text.lowercased())
    }

    @Test(arguments: ["/v1/models", "/metrics", "/readyz"])
    func tenWrongGuessesLockAnAddressOut(path: String) async throws {
        try await LiveGateway.run { settings in
            settings.failureLimit.exemptsLoopback = false
        } _: { gateway in
            for _ in 1...10 { _ = try await Self.status(gateway.port, path, secret: "fake-guess") }
            // Even the right secret has to wait now.
            let (status, text) = try await Self.status(gateway.port, "/v1/models", secret: LiveGateway.secret)
            #expect(status == 429)
            #expect(text.contains("retry-after: "))
            #expect(text.contains("rate_limited"))
            let (metrics, _) = try await Self.status(gateway.port, "/metrics", secret: LiveGateway.secret)
            #expect(metrics == 401)
        }
    }

    @Test func programsOnThisMachineAreNotLockedOut() async throws {
        try await LiveGateway.run { gateway in
            for _ in 1...11 {
                let (status, _) = try await Self.status(gateway.port, "/v1/models", secret: "fake-guess")
                #expect(status == 401)
            }
            let (status, _) = try await Self.status(gateway.port, "/v1/models", secret: LiveGateway.secret)
            #expect(status == 200)
        }
    }

    @Test func aRefusedUpgradeAndARefusedMethodCarryTheSecurityHeaders() async throws {
        try await LiveGateway.run { settings in
            settings.maximumUnauthenticatedPerAddress = 0
        } _: { gateway in
            do {
                _ = try await RawConnection.webSocket(port: gateway.port)
                Issue.record("The upgrade went through.")
            } catch let refused as RawConnection.Refused {
                #expect(refused.head.hasPrefix("HTTP/1.1 503"))
                #expect(refused.head.lowercased().contains("x-content-type-options: nosniff"))
                #expect(refused.head.lowercased().contains("referrer-policy: no-referrer"))
            }
            let connection = try await RawConnection.connect(port: gateway.port)
            try await connection.write("OPTIONS /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            let text = await connection.rest()
            #expect(text.hasPrefix("HTTP/1.1 405"))
            #expect(text.contains("GET, HEAD"))
        }
    }
}
