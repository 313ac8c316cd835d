import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The configuration of a running gateway is edited without pause, by whole texts and by texts that are written slowly.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ConfigurationStormTests {
    private static func text(_ number: Int, token: String = "fake-token-one") -> String {
        """
        // Edit \(number).
        {
          gateway: { auth: { token: "\(token)" } },
          models: { providers: { storm: { baseUrl: "http://127.0.0.1:1/\(number)", models: [{ id: "m\(number)" }] } } },
        }

        """
    }

    private static func client(_ gateway: GatewayUnderTest, token: String) async throws -> GatewayClient {
        try await GatewayClient.connect(
            to: GatewayAddress(host: "127.0.0.1", port: gateway.port),
            as: GatewayClient.Introduction(version: "test", token: Secret(token)), deadline: .after(.seconds(60)))
    }

    /// Writes into the file itself, and in between it is what no one meant.
    private static func writeInPlace(_ text: String, _ path: String, between: () async throws -> Void) async throws {
        let file = try #require(fopen(path, "w"))
        let half = text.utf8.count / 2
        fputs(String(text.prefix(half)), file)
        fflush(file)
        try await between()
        fputs(String(text.dropFirst(half)), file)
        fclose(file)
    }

    @Test func theLastOfManyEditsCountsAndNobodyIsDisturbedMeanwhile() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", Self.text(0))
        let gateway = try await installation.startGateway()
        let client = try await Self.client(gateway, token: "fake-token-one")
        let began = ContinuousClock.now
        for number in 1...120 {
            let path = "\(installation.state)/openclaw.json"
            switch number % 3 {
            case 0: try installation.write("openclaw.json", Self.text(number))
            case 1:
                try await Self.writeInPlace(Self.text(number), path) {
                    let health = try await client.call("health", deadline: .after(.seconds(60)))
                    #expect(health["ok"] == true)
                }
            // Somebody's mistake, which stands until the next edit.
            default: try installation.write("openclaw.json", "{ gateway: { auth: {")
            }
            #expect(try await client.call("models.list", deadline: .after(.seconds(60)))["models"] != nil)
        }
        print("ConfigurationStormTests: 120 edits in \(began.duration(to: .now)).")
        let last = Self.text(121, token: "fake-token-two")
        try installation.write("openclaw.json", last)
        // The old secret has had its time, so the connection ends, and with it its events.
        for await _ in client.events {}
        let next = try await Self.client(gateway, token: "fake-token-two")
        var models: [String?] = []
        while !models.contains("m121") {
            let answer = try await next.call("models.list", ["view": "all"], deadline: .after(.seconds(60)))
            models = answer["models"]?.array?.map { $0["id"]?.string } ?? []
        }
        #expect(try await next.call("config.get", deadline: .after(.seconds(60)))["valid"] == true)
        await next.close()
        #expect(try await gateway.stop() == .exited(0))
        // Nobody wrote to the user's file.
        #expect(installation.read("openclaw.json") == last)
        #expect(!gateway.logText.contains("fake-token"))
    }
}
