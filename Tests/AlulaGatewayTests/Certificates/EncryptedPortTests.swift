import AlulaClient
import AlulaConfiguration
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaProviders
import AlulaServer
import AlulaState
import AlulaSystem
import AlulaTestSupport
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import AlulaGateway

/// TLS on the gateway's port, with the certificate that it makes for itself.
@Suite(.timeLimit(.minutes(5)))
struct EncryptedPortTests {
    private static let now = Timestamp(milliseconds: 1_795_000_000_000)

    private static func certificate(
        _ directory: TemporaryDirectory, _ adjust: (inout TLSSettings) -> Void = { _ in }
    ) -> ServerCertificate {
        var settings = TLSSettings()
        settings.isEnabled = true
        adjust(&settings)
        return ServerCertificate(
            settings: settings,
            layout: StateLayout(
                variables: ["HOME": directory.path, "OPENCLAW_STATE_DIR": directory.path],
                currentDirectory: directory.path, exists: { _ in false }),
            hostName: "box.example", now: SystemTime.now)
    }

    // MARK: The certificate

    @Test func aCertificateIsMadeOnceAndKept() throws {
        let directory = try TemporaryDirectory()
        let (first, second) = try BlockingContext.permit {
            let certificate = Self.certificate(directory)
            return (try certificate.load(), try certificate.load())
        }
        #expect(ServerCertificate.fingerprint(of: first) == ServerCertificate.fingerprint(of: second))
        #expect(ServerCertificate.fingerprint(of: first).count == 64)
        let key = try BlockingContext.permit {
            try FileReader.read(directory("alula/gateway-key.pem"), maximum: .mebibytes(1))
        }
        #expect(key.identity.mode & 0o077 == 0)
        #expect(key.text.contains("PRIVATE KEY"))
    }

    @Test func theOwnersCertificateIsUsedAndMistakesAreNamed() throws {
        let directory = try TemporaryDirectory()
        try BlockingContext.permit {
            _ = try Self.certificate(directory).load()
            let (certificate, key) = (directory("alula/gateway-certificate.pem"), directory("alula/gateway-key.pem"))
            let own = Self.certificate(directory) {
                $0.certificatePath = certificate
                $0.keyPath = key
            }
            _ = try own.load()
            let other = try TemporaryDirectory()
            _ = try Self.certificate(other).load()
            let mistakes: [(String?, String?, String)] = [
                (directory("none.pem"), key, "is not at"), (certificate, nil, "needs both"),
                (key, key, "no PEM with a certificate"), (certificate, certificate, "no PEM with a private key"),
                (certificate, other("alula/gateway-key.pem"), "don't belong together"),
                (directory.path, key, "can't be read"),
            ]
            for (certificate, key, words) in mistakes {
                let error = #expect(throws: GatewayStartError.self) {
                    try Self.certificate(directory) {
                        $0.certificatePath = certificate
                        $0.keyPath = key
                    }.load()
                }
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
            let error = #expect(throws: GatewayStartError.self) {
                try Self.certificate(directory) { $0.generatesCertificate = false }.load()
            }
            #expect(error?.message.contains("autoGenerate") == true)
        }
    }

    // MARK: The port

    @Test func clientsThatKnowTheFingerprintGetIn() async throws {
        try await Self.serve { port, fingerprint in
            let client = try await Self.connect("wss://127.0.0.1:\(port)/#sha256=\(fingerprint)")
            let long = String(repeating: "x", count: 100_000)
            let error = await #expect(throws: ClientError.self) {
                _ = try await client.call("health.\(long)", deadline: .after(.seconds(60)))
            }
            #expect(error?.code == .remote)
            await client.close()
        }
    }

    @Test func otherCertificatesAndPlainTextStayOut() async throws {
        try await Self.serve { port, fingerprint in
            let other = String(fingerprint.reversed())
            for url in [
                "wss://127.0.0.1:\(port)/#sha256=\(other)", "wss://127.0.0.1:\(port)", "ws://127.0.0.1:\(port)",
            ] {
                let error = await #expect(throws: ClientError.self) { _ = try await Self.connect(url) }
                #expect(error?.code == .unreachable, "\(url)")
                if url.hasPrefix("wss") { #expect(error?.message.contains("certificate") == true) }
            }
        }
    }

    @Test func aHandshakeThatTricklesInIsEnded() async throws {
        try await Self.serve({ $0.http.firstRequestTimeout = .milliseconds(50) }) { port, _ in
            let ended = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            channel.closeFuture.cascade(to: ended)
            // The beginning of a hello that never becomes whole.
            channel.writeAndFlush(ByteBuffer(bytes: [22, 3, 1, 2, 0, 1, 0]), promise: nil)
            try await ended.futureResult.get()
        }
    }

    /// The gateway as its own provider, whose certificate nobody vouches for: a key goes to no such server.
    @Test func aProviderThatNobodyVouchesForGetsNoKey() async throws {
        try await Self.serve { port, _ in
            let client = UpstreamClient(group: MultiThreadedEventLoopGroup.singleton)
            let call = ModelCall(
                InferenceRequest(model: "x", messages: [Message(.user, "Hi")], dialect: .openAIChat),
                through: FailoverRoute(model: ModelReference(provider: "alula", model: "echo"), login: .configuredKey),
                for: .main, at: "https://127.0.0.1:\(port)/v1", until: .after(.seconds(60)))
            let provider = OpenAICompletionsProvider(
                client: client, logins: FakeLogin(), offloading: PoolComputing(pool: BlockingPool()))
            let failure = await #expect(throws: AttemptFailure.self) { _ = try await provider.answer(call) }
            #expect(failure?.message == "A secure connection to the provider could not be made.")
            await client.shutdown()
        }
    }

    private struct FakeLogin: LoginOpening {
        func open(_ target: CallTarget) async throws -> OpenedLogin {
            OpenedLogin(secret: Secret("fake-token-for-tests"))
        }
    }

    private static func connect(_ url: String) async throws -> GatewayClient {
        try await GatewayClient.connect(
            to: GatewayAddress(url: url), as: .init(version: "1", token: Secret("fake-token-for-tests")),
            deadline: .after(.seconds(60)))
    }

    private static func serve(
        _ adjust: (inout ServerSettings) -> Void = { _ in }, _ body: (Int, String) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let identity = try BlockingContext.permit { try certificate(directory).load() }
        var settings = ServerSettings()
        settings.binding = .address("127.0.0.1")
        settings.port = 0
        settings.access.authentication = .token(Secret("fake-token-for-tests"))
        settings.tls = identity
        settings.http.firstRequestTimeout = .seconds(600)
        settings.limits.handshakeTimeout = .seconds(600)
        adjust(&settings)
        let bench = try KeeperBench("{}")
        let server = GatewayServer(
            settings: settings, operations: bench.operations(), pool: bench.pool,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { now })
        let running = Task { try await server.run() }
        let address = try #require(await server.listeningAddress)
        let port = try #require(address.split(separator: ":").last.flatMap { Int($0) })
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(port, ServerCertificate.fingerprint(of: identity)))
        } catch {
            outcome = .failure(error)
        }
        running.cancel()
        _ = await running.result
        try outcome.get()
    }
}
