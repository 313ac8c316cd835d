import AlulaConfiguration
import AlulaPrimitives
import AlulaState
import AlulaSystem
import Foundation
import Testing

@testable import AlulaCLI

struct StateGatewayLocatorTests {
    private let root = NSTemporaryDirectory() + "alula-locator-" + UUID().uuidString

    private var layout: StateLayout {
        StateLayout(
            request: .init(stateDirectory: root), variables: [:], currentDirectory: "/", exists: { _ in false })
    }

    private func locate(
        configuration: String = "{}", variables: [String: String] = [:], address: String? = nil
    ) async throws -> RunningGateway? {
        let read: ConfigurationLoader.ReadFile = { (path, _) throws(ConfigurationError) in
            ConfigurationFile(bytes: Array(configuration.utf8), realPath: path)
        }
        let outcome = ConfigurationLoader(readFile: read).load(path: "/x/openclaw.json")
        return try await StateGatewayLocator(
            pool: BlockingPool(), variables: variables, loadConfiguration: { _ in outcome },
            readAddress: { _, _ in address }
        ).runningGateway(CommandContext(layout: layout))
    }

    /// Owns the state directory while `body` runs, as a gateway does.
    private func whileRunning(token: String? = nil, _ body: () async throws -> Void) async throws {
        let layout = layout
        let lock = try await BlockingPool().run("own the directory", deadline: .after(.seconds(5))) {
            try Directory.make(layout.state)
            if let token {
                try Directory.make(layout.own)
                try DurableFile.replace(layout.token, with: Array(token.utf8))
            }
            return try GatewayLock.acquire(
                .init(layout, temporary: layout.state, sharesConfiguration: true, digest: { _ in [1, 2, 3, 4] }),
                deadline: .after(.seconds(5)))
        }
        try await body()
        try await BlockingPool().run("give up", deadline: .after(.seconds(5))) { lock.release() }
        try FileManager.default.removeItem(atPath: root)
    }

    private func text(_ credential: GatewayCredential?) -> String? {
        switch credential {
        case .token(let secret): "token \(secret.exposed)"
        case .password(let secret): "password \(secret.exposed)"
        case nil: nil
        }
    }

    @Test func findsNothingWhereNobodyRuns() async throws {
        let found = try await locate()
        #expect(found?.url == nil)
    }

    @Test func findsTheOwnerByItsLock() async throws {
        try await whileRunning(token: "fake-token") {
            let found = try #require(try await locate(configuration: "{ gateway: { port: 19005 } }"))
            #expect(found.processID == ProcessInfo.processInfo.processIdentifier)
            #expect(found.url == "ws://127.0.0.1:19005")
            #expect(text(found.credential) == "token fake-token")
        }
    }

    @Test func theGatewaysOwnWordOnItsAddressCounts() async throws {
        try await whileRunning {
            let found = try await locate(variables: ["ALULA_GATEWAY_PORT": "1"], address: "ws://127.0.0.1:4242")
            #expect(found?.url == "ws://127.0.0.1:4242")
            #expect(found?.credential == nil)
        }
    }

    @Test(
        arguments: [
            ("{ gateway: { auth: { token: 'from-config' } } }", "token from-config"),
            ("{ gateway: { auth: { mode: 'password', password: 'word' } } }", "password word"),
            ("{ gateway: { auth: { token: '${MY_TOKEN}' } } }", "token from-variable"),
            ("{ gateway: { auth: { token: '${UNSET}' } } }", "token from-file"),
            (
                "{ gateway: { auth: { token: { source: 'env', provider: 'default', id: 'MY_TOKEN' } } } }",
                "token from-variable"
            ),
        ] as [(String, String)])
    func theConfiguredSecretComesBeforeTheFile(_ configuration: String, _ credential: String) async throws {
        try await whileRunning(token: "from-file") {
            let found = try await locate(configuration: configuration, variables: ["MY_TOKEN": "from-variable"])
            #expect(text(found?.credential) == credential)
        }
    }
}
