import AlulaInference
import AlulaPrimitives
import NIOSSL
import Testing

@testable import AlulaProviders

/// Ways to a provider that the owner chose, over sockets.
@Suite(.timeLimit(.minutes(1)))
struct CallTransportTests {
    private static let answer = LoopbackUpstream.answer(
        "200 OK", "application/json", SpokenKind.openAICompletions.whole("Hello", true))

    private static func transport(_ change: (inout CallTransport) -> Void) -> CallTransport {
        var transport = CallTransport()
        change(&transport)
        return transport
    }

    private static func ask(_ base: String, by transport: CallTransport?) async -> ProviderCall.Outcome {
        await ProviderCall.ask(
            .openAICompletions, base, isStreamed: false, logins: FixedLogin(transport: transport))
    }

    // MARK: TLS

    private static func server(asksForCertificates: Bool = false) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(TestCertificate.certificate.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(TestCertificate.key.utf8), format: .pem)
        var security = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        if asksForCertificates {
            security.trustRoots = .certificates(chain)
            security.certificateVerification = .noHostnameVerification
        }
        return security
    }

    /// Who is trusted and what is shown, and whether a server that asks for a certificate is reached, and one that does not.
    @Test func aConnectionGoesByWhatTheOwnerSays() async throws {
        let (certificate, key) = (Secret(TestCertificate.certificate), Secret(TestCertificate.key))
        let cases: [(CallTransport?, reachesPlain: Bool, reachesAsking: Bool)] = [
            (nil, false, false),
            (Self.transport { $0.authorities = certificate }, true, false),
            (
                Self.transport {
                    ($0.authorities, $0.certificate, $0.key) = (certificate, certificate, key)
                }, true, true
            ),
            (
                Self.transport {
                    ($0.authorities, $0.certificate) = (certificate, certificate)
                    $0.key = Secret(TestCertificate.lockedKey)
                    $0.passphrase = Secret(TestCertificate.passphrase)
                }, true, true
            ),
            (Self.transport { ($0.certificate, $0.key) = (certificate, key) }, false, false),
        ]
        for asks in [false, true] {
            let security = try Self.server(asksForCertificates: asks)
            try await LoopbackUpstream.run([.write(Self.answer)], security: security) { upstream in
                for (index, (transport, reachesPlain, reachesAsking)) in cases.enumerated() {
                    let outcome = await Self.ask("https://localhost:\(upstream.port)/v1", by: transport)
                    let reaches = asks ? reachesAsking : reachesPlain
                    let about = "case \(index), asks: \(asks), \(outcome.failure?.message ?? outcome.text)"
                    #expect((outcome.text == "Hello") == reaches, "\(about)")
                    #expect((outcome.failure == nil) == reaches, "\(about)")
                }
            }
        }
    }

    @Test func whatIsNoCertificateOrKeyIsNotGoneWithout() async throws {
        let (certificate, key) = (Secret(TestCertificate.certificate), Secret(TestCertificate.key))
        let cases: [(CallTransport, String)] = [
            (Self.transport { $0.authorities = Secret("fake-nonsense") }, "request.tls.ca"),
            (Self.transport { $0.authorities = Secret(TestCertificate.key) }, "request.tls.ca"),
            (Self.transport { ($0.certificate, $0.key) = (Secret("fake-nonsense"), key) }, "request.tls.cert"),
            (Self.transport { ($0.certificate, $0.key) = (certificate, Secret("fake-nonsense")) }, "request.tls.key"),
            (
                Self.transport {
                    ($0.certificate, $0.key) = (certificate, Secret(TestCertificate.lockedKey))
                    $0.passphrase = Secret("fake-other")
                }, "request.tls.key"
            ),
        ]
        try await LoopbackUpstream.run([.write(Self.answer)]) { upstream in
            for (transport, name) in cases {
                let failure = await Self.ask(upstream.baseURL, by: transport).failure
                #expect(failure?.message.contains(name) == true, "\(failure?.message ?? "")")
                #expect(failure?.message.contains("fake") == false)
            }
            #expect(upstream.requests.isEmpty)
        }
    }

    // MARK: Proxies

    @Test func aProxyOfItsOwnLeadsToTheProvider() async throws {
        let tunnel = LoopbackUpstream.Step.write(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
        // Also to what listens on this machine, which the environment's proxies are not for.
        for host in ["lab.example.test:80", "127.0.0.1:1"] {
            try await LoopbackUpstream.run(inTurn: [[tunnel], [.write(Self.answer)]]) { proxy in
                let address = Secret("http://user:fake-word@127.0.0.1:\(proxy.port)")
                let outcome = await Self.ask("http://\(host)/v1", by: Self.transport { $0.proxy = address })
                #expect(outcome.text == "Hello")
                let requests = proxy.requests
                #expect(requests.first?.hasPrefix("CONNECT \(host) HTTP/1.1") == true)
                #expect(requests.first?.lowercased().contains("proxy-authorization: basic ") == true)
                #expect(requests.last?.hasPrefix("POST /v1/chat/completions HTTP/1.1") == true)
                #expect(requests.count == 2)
            }
        }
    }

    @Test(arguments: ["https://127.0.0.1:1", "ftp://x", "http://", "socks5://user:fake-word@127.0.0.1:1"])
    func aProxyThatCannotBeUsedIsNotGoneAround(address: String) async throws {
        try await LoopbackUpstream.run([.write(Self.answer)]) { upstream in
            let outcome = await Self.ask(upstream.baseURL, by: Self.transport { $0.proxy = Secret(address) })
            #expect(outcome.failure?.message.contains("request.proxy.url") == true)
            #expect(outcome.failure?.message.contains("fake") == false)
            #expect(upstream.requests.isEmpty)
        }
    }
}
