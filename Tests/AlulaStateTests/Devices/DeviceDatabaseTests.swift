import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaProtocol
@testable import AlulaState

/// Devices that only the database of the reference's later versions holds.
struct DeviceDatabaseTests {
    private let directory: TemporaryDirectory
    private let layout: StateLayout
    private let files: DeviceFiles
    private let writer: DatabaseWriter

    private static let table = """
        CREATE TABLE device_pairing_paired(
          device_id TEXT NOT NULL PRIMARY KEY, public_key TEXT NOT NULL, display_name TEXT, operator_label TEXT,
          platform TEXT, device_family TEXT, client_id TEXT, client_mode TEXT, browser_origin TEXT, role TEXT,
          roles_json TEXT, scopes_json TEXT, approved_scopes_json TEXT, remote_ip TEXT, tokens_json TEXT,
          approved_via TEXT, node_surface_json TEXT, pending_node_surface_json TEXT, created_at_ms INTEGER NOT NULL,
          approved_at_ms INTEGER NOT NULL, last_seen_at_ms INTEGER, last_seen_reason TEXT) STRICT;
        """

    init() throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        let path = directory.path
        layout = StateLayout(
            request: .init(stateDirectory: path), variables: ["HOME": path], currentDirectory: path,
            exists: { _ in false })
        files = DeviceFiles(layout)
        try BlockingContext.permit { try Directory.make(directory("state")) }
        writer = try DatabaseWriter(layout.sharedDatabase)
        try writer.run("PRAGMA journal_mode=WAL; " + Self.table)
    }

    private func insert(_ id: String, revokedAt: String = "null", approvedAt: Int = 1_770_000_000_001) throws {
        try writer.run(
            """
            INSERT OR REPLACE INTO device_pairing_paired(
              device_id, public_key, display_name, operator_label, platform, role, roles_json, scopes_json,
              approved_scopes_json, tokens_json, node_surface_json, created_at_ms, approved_at_ms)
            VALUES ('\(id)', 'key-\(id)', 'Host', 'Desk', 'linux', 'operator', '["operator"]', '["operator.read"]',
              '["operator.read"]',
              '{"operator":{"token":"fake-\(id)","role":"operator","scopes":["operator.read"],"createdAtMs":1770000000000,"revokedAtMs":\(revokedAt)}}',
              '{"caps":["later"]}', 1770000000000, \(approvedAt));
            """)
    }

    private func load(_ known: DeviceFiles.Contents? = nil) throws -> DeviceFiles.Contents {
        try BlockingContext.permit { try files.load(knowing: known) }
    }

    @discardableResult
    private func change(
        _ known: DeviceFiles.Contents? = nil, _ body: (inout DeviceBook) throws -> Void
    ) throws -> [DeviceBook.News] {
        var failure: (any Error)?
        let news = try BlockingContext.permit {
            try files.change(knowing: known, deadline: .after(.seconds(60))) { book in
                do { try body(&book) } catch { failure = error }
            }.news
        }
        if let failure { throw failure }
        return news
    }

    private var minting: DeviceMinting { .random }
    private let now = Timestamp(milliseconds: 1_780_000_000_000)

    @Test func readsWhatTheDatabaseHolds() throws {
        try insert("a")
        let device = try #require(try load().book.devices["a"])
        #expect(device.publicKey == "key-a")
        #expect(device.label == "Desk")
        #expect(device.about.displayName == "Host")
        #expect(device.about.platform == "linux")
        #expect(device.roles == ["operator"])
        #expect(device.scopes == [.read])
        #expect(device.usableToken(for: .operator)?.token.exposed == "fake-a")
        #expect(device.approvedAt.milliseconds == 1_770_000_000_001)
        // Looking writes nothing.
        #expect(try directory.names == ["state"])
    }

    @Test func takesThemOverWithTheFirstChange() throws {
        try insert("a")
        try insert("b")
        try change { _ = try $0.rename("a", to: "Hall", by: .owner) }
        let paired = try JSONValue.parse(try directory.text("devices/paired.json"))
        #expect(paired["a"]?["operatorLabel"] == "Hall")
        #expect(paired["b"]?["operatorLabel"] == "Desk")
        #expect(paired["b"]?["nodeSurface"] == ["caps": ["later"]])
        #expect(paired["b"]?["tokens"]?["operator"]?["token"] == "fake-b")
        // From now on the file counts: what another program takes away there does not come back.
        try directory.write("devices/paired.json", "{}")
        #expect(try load().book.devices.isEmpty)
    }

    @Test func oneThatIsRemovedDoesNotComeBackUnlessItIsApprovedAnew() throws {
        try insert("a")
        try insert("b")
        try change { try $0.remove("a", by: .owner) }
        #expect(try load().book.devices.keys.sorted() == ["b"])
        try insert("a", approvedAt: 1_770_000_000_002)
        #expect(try load().book.devices.keys.sorted() == ["a", "b"])
    }

    @Test func theFileWinsButARevokedTokenStaysRevoked() throws {
        try insert("a")
        try change { _ = try $0.rename("a", to: "Hall", by: .owner) }
        let known = try load()
        #expect(known.book.devices["a"]?.grants(.operator) == true)
        try insert("a", revokedAt: "1770000000009")
        let news = try change(known) { _ in }
        #expect(news == [.withdrawn("a", role: "operator", reason: .revoked)])
        #expect(try load(known).book.devices["a"]?.label == "Hall")
        #expect(try load(known).book.devices["a"]?.grants(.operator) == false)
    }

    @Test func whatIsTakenAwayInTheDatabaseIsNoticed() throws {
        try insert("a")
        let known = try load()
        try writer.run("DELETE FROM device_pairing_paired")
        #expect(try change(known) { _ in } == [.withdrawn("a", role: nil, reason: .removed)])
    }

    @Test func aDatabaseThatCannotBeReadTakesNothingAway() throws {
        try insert("a")
        let known = try load()
        writer.close()
        try directory.write("state/openclaw.sqlite-wal", "")
        try directory.write("state/openclaw.sqlite", "This was a database.")
        #expect(try change(known) { _ in } == [])
        #expect(try load(known).book.devices.keys.sorted() == ["a"])
        #expect(try load().book.devices.isEmpty)
    }

    @Test func aDatabaseWithoutDevicesIsNone() throws {
        try writer.run("DROP TABLE device_pairing_paired")
        #expect(try load().book.devices.isEmpty)
    }
}
