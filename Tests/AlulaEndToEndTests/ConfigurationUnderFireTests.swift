import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The built program edits the configuration while the disk is full, and while another program writes the same file. What
/// becomes of edits that are killed is in `CrashTests`.
@Suite(.serialized) struct ConfigurationUnderFireTests {
    private static func text(port: Int) -> String {
        """
        // Kept by hand; every word of this must survive.
        {
          gateway: { mode: "local", port: \(port) /* the port */ },
          // Nobody here knows these.
          ui: { seamColor: "#aBcDeF", sizes: [1e3, 0x10, .5] },
        }

        """
    }

    /// The kernel refuses every byte beyond the first 512, as a disk does that fills up in the middle of a write.
    @Test func aDiskThatFillsUpLeavesTheOldText() async throws {
        let installation = try Installation()
        let long = Self.text(port: 20_000) + "// " + String(repeating: "x", count: 4000) + "\n"
        try installation.write("openclaw.json", long)
        let before = installation.names()
        let edit = try await installation.shell(
            "trap '' XFSZ; ulimit -f 1; exec '\(Installation.program)' config set gateway.port 20001")
        #expect(edit.status == 75)
        #expect(edit.errors.contains("Could not write the file: the file would outgrow its limit."))
        #expect(installation.read("openclaw.json") == long)
        #expect(installation.names().filter { $0 != "alula" && $0 != "logs" } == before)

        let again = try await installation.alula("config", "set", "gateway.port", "20001")
        #expect(again.status == 0, "\(again.errors)")
        #expect(installation.read("openclaw.json").contains("port: 20001 /* the port */"))
    }

    /// Two edit at once, as fast as they can: a program that knows of no lock, and clients of the gateway.
    @Test func nobodyLosesAnEditToTheOther() async throws {
        let installation = try Installation()
        let text = """
            // Kept by hand.
            {
              gateway: { mode: "local", port: 20000 },
              outside: 0, // counts the edits of somebody else
            }

            """
        try installation.write("openclaw.json", text)
        let editor = OutsideEditor("\(installation.state)/openclaw.json", text: text, port: 20_000)
        let gateway = try await installation.startGateway()
        let client = try await gateway.connect()
        var outcomes: [String: Int] = [:]
        for round in 0..<120 {
            let manner = OutsideEditor.Manner.allCases[round % 4]
            let began = AsyncStream<Void>.makeStream()
            async let outside: Void = Installation.pool.run("edit", deadline: .after(.seconds(60))) {
                began.continuation.finish()
                try editor.edit(manner)
            }
            // Some begin together, and some when the other has got to its feet.
            if round % 3 == 0 { for await _ in began.stream {} }
            // Patches are allowed 30 times a minute.
            let outcome = try await Self.countUp(client, editor, patches: round % 5 == 0)
            outcomes[outcome, default: 0] += 1
            try await outside
            _ = try await client.call("health", deadline: .after(.seconds(60)))
        }
        print("ConfigurationUnderFireTests.nobodyLosesAnEditToTheOther: \(outcomes)")
        // The last word is a whole text, and ours on top of it.
        try await Installation.pool.run("edit", deadline: .after(.seconds(60))) { try editor.edit(.rename) }
        #expect(try await Self.countUp(client, editor, patches: true) == "done")
        try editor.expectNothingLost(in: try editor.read())
        #expect(editor.count == 121)
        #expect(outcomes["done"] ?? 0 > 0)
        let shown = try await client.call("config.get", deadline: .after(.seconds(60)))
        #expect(shown["valid"]?.bool == true)
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
        #expect(installation.names().allSatisfy { !$0.hasSuffix(".new") && !$0.hasSuffix(".tmp") })
    }

    /// One edit as clients make it, by a patch or by the whole text; answers how it went.
    private static func countUp(
        _ client: GatewayClient, _ editor: OutsideEditor, patches: Bool
    ) async throws -> String {
        let writes = editor.writes
        let current = try await client.call("config.get", deadline: .after(.seconds(60)))
        guard let port = current["resolved"]?["gateway"]?["port"]?.integer, let raw = current["raw"]?.string else {
            return "unreadable"
        }
        let text = raw.replacing("port: \(port)", with: "port: \(port + 1)")
        let parameters: JSONValue = [
            "raw": .string(patches ? "{ gateway: { port: \(port + 1) } }" : text), "baseHash": current["hash"] ?? .null,
        ]
        do {
            _ = try await client.call(
                patches ? "config.patch" : "config.set", parameters, deadline: .after(.seconds(60)))
        } catch let error as ClientError {
            return error.remote?.detailCode ?? "\(error)"
        }
        editor.acknowledged(Int(port) + 1, since: writes)
        return "done"
    }
}

/// Numbers that a seed decides.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
