import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import CSQLite
import Testing

@testable import AlulaState

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct AgentDatabaseTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let agentTables = """
        CREATE TABLE auth_profile_store(store_key TEXT PRIMARY KEY, store_json TEXT NOT NULL, updated_at INTEGER) STRICT;
        CREATE TABLE auth_profile_state(state_key TEXT PRIMARY KEY, state_json TEXT NOT NULL, updated_at INTEGER) STRICT;
        INSERT INTO auth_profile_store VALUES ('primary', '{"version":1}', 1), ('other', '{}', 1);
        INSERT INTO auth_profile_state VALUES ('primary', '{"order":{}}', 1);
        """

    private var path: String { directory("openclaw-agent.sqlite") }

    private func agentStore() throws -> StoredDocuments? {
        try BlockingContext.permit { try AgentDatabase.agentStore(at: path) }
    }

    private func sharedStore() throws -> StoredDocuments? {
        try BlockingContext.permit { try AgentDatabase.sharedStore(at: path) }
    }

    private func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    private func code(_ body: () throws -> StoredDocuments?) -> StateError.Code? {
        #expect(throws: StateError.self) { try body() }?.code
    }

    /// Names, identities and bytes of everything in the directory.
    private func scene(without others: Set<String> = []) throws -> [String: [UInt8]] {
        try BlockingContext.permit {
            var scene: [String: [UInt8]] = [:]
            for name in try directory.names where !others.contains(name) {
                let contents = try FileReader.read(directory(name), maximum: .mebibytes(64))
                scene["\(name) \(contents.identity.inode) \(contents.identity.modified)"] = contents.bytes
            }
            scene["."] = Array("\(try FileIdentity.of(directory.path).modified)".utf8)
            return scene
        }
    }

    @Test(arguments: ["DELETE", "WAL"]) func readsBothDocuments(journal: String) throws {
        let writer = try DatabaseWriter(path)
        try writer.run("PRAGMA journal_mode=\(journal); \(Self.agentTables)")
        writer.close()
        let before = try scene()
        let found = try #require(try agentStore())
        #expect(text(found.profiles) == #"{"version":1}"#)
        #expect(text(found.state) == #"{"order":{}}"#)
        #expect(try scene() == before)
    }

    @Test func readsWhatIsOnlyInTheLogOfAnotherProgramsConnection() async throws {
        for name in ["ready", "done"] { mkfifo(directory(name), 0o600) }
        let (path, ready, done) = (path, directory("ready"), directory("done"))
        async let reading = BlockingPool().run("read", deadline: .after(.seconds(60))) {
            // Opening one end of a pipe waits for whoever opens the other.
            close(open(ready, O_RDONLY))
            defer { close(open(done, O_WRONLY)) }
            let before = try scene(without: ["ready", "done"])
            let text = text(try agentStore()?.profiles)
            return (text, try scene(without: ["ready", "done"]) == before)
        }
        await #expect(processExitsWith: .success) {
            [path = path as String, ready = ready as String, done = done as String] in
            let writer = try DatabaseWriter(path)
            try writer.run("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; \(Self.agentTables)")
            try writer.run("PRAGMA wal_checkpoint(TRUNCATE)")
            try writer.run("UPDATE auth_profile_store SET store_json = '{\"new\":1}' WHERE store_key = 'primary'")
            close(open(ready, O_WRONLY))
            close(open(done, O_RDONLY))
        }
        let (found, isUntouched) = try await reading
        #expect(found == #"{"new":1}"#)
        #expect(isUntouched)
    }

    @Test func readsTheLogThatACrashLeft() throws {
        let writer = try DatabaseWriter(directory("live.sqlite"))
        try writer.run("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; \(Self.agentTables)")
        // What is on the disk while the writer lives is what a crash leaves.
        for (from, to) in [
            ("live.sqlite", "openclaw-agent.sqlite"), ("live.sqlite-wal", "openclaw-agent.sqlite-wal"),
            ("live.sqlite-shm", "openclaw-agent.sqlite-shm"),
        ] {
            try BlockingContext.permit {
                let bytes = try FileReader.read(directory(from), maximum: .mebibytes(64)).bytes
                _ = try DurableFile.replace(directory(to), with: bytes)
            }
        }
        let before = try scene()
        #expect(text(try agentStore()?.profiles) == #"{"version":1}"#)
        #expect(try scene() == before)
    }

    @Test func readsWhileAWriterIsInATransaction() throws {
        let writer = try DatabaseWriter(path)
        try writer.run("PRAGMA journal_mode=WAL; \(Self.agentTables)")
        try writer.run("BEGIN IMMEDIATE; UPDATE auth_profile_store SET store_json = '{}'")
        #expect(text(try agentStore()?.profiles) == #"{"version":1}"#)
        try writer.run("COMMIT")
        #expect(text(try agentStore()?.profiles) == "{}")
    }

    @Test func saysThatAnotherProgramHoldsTheDatabase() throws {
        let writer = try DatabaseWriter(path)
        try writer.run("PRAGMA journal_mode=DELETE; \(Self.agentTables)")
        try writer.run("PRAGMA cache_size=1; BEGIN EXCLUSIVE; UPDATE auth_profile_store SET store_json = '{}'")
        #expect(code(agentStore) == .databaseBusy)
        try writer.run("ROLLBACK")
        #expect(try agentStore() != nil)
    }

    @Test func findsNothingWhereThereIsNothing() throws {
        #expect(try agentStore() == nil)
        #expect(try directory.names.isEmpty)
        try directory.write("openclaw-agent.sqlite", "")
        #expect(try agentStore() == nil)
        let writer = try DatabaseWriter(path)
        try writer.run("CREATE TABLE memory(x)")
        #expect(try agentStore() == nil)
        try writer.run("CREATE TABLE auth_profile_store(store_key TEXT, store_json TEXT)")
        #expect(try agentStore() == nil)
        try writer.run("INSERT INTO auth_profile_store VALUES ('primary', NULL)")
        #expect(try agentStore() == nil)
    }

    @Test func saysThatAFileIsNoDatabase() throws {
        try directory.write("openclaw-agent.sqlite", String(repeating: "no database ", count: 400))
        #expect(code(agentStore) == .databaseUnreadable)
    }

    @Test func saysThatADatabaseIsDamaged() throws {
        let writer = try DatabaseWriter(path)
        try writer.run("PRAGMA journal_mode=DELETE; \(Self.agentTables)")
        writer.close()
        try BlockingContext.permit {
            var bytes = try FileReader.read(path, maximum: .mebibytes(64)).bytes
            for index in 100..<bytes.count { bytes[index] = 0xAA }
            _ = try DurableFile.replace(path, with: bytes)
        }
        #expect(code(agentStore) == .databaseUnreadable)
    }

    @Test func saysThatATableHasAnotherShape() throws {
        let writer = try DatabaseWriter(path)
        try writer.run("CREATE TABLE auth_profile_store(something)")
        #expect(code(agentStore) == .databaseUnreadable)
    }

    @Test func doesNotWaitForAPipe() throws {
        mkfifo(path, 0o600)
        #expect(code(agentStore) == .fileUnusable)
    }

    @Test func refusesADocumentThatIsTooLarge() throws {
        let writer = try DatabaseWriter(path)
        try writer.run("CREATE TABLE auth_profile_store(store_key TEXT, store_json)")
        try writer.run("INSERT INTO auth_profile_store VALUES ('primary', zeroblob(17000000))")
        #expect(code(agentStore) == .databaseUnreadable)
    }

    @Test func readsTheSharedStoreOfBothEras() throws {
        let writer = try DatabaseWriter(path)
        try writer.run("CREATE TABLE auth_profile_stores(store_key TEXT, store_json TEXT)")
        try writer.run(#"INSERT INTO auth_profile_stores VALUES ('primary', '{"old":1}')"#)
        #expect(text(try sharedStore()?.profiles) == #"{"old":1}"#)
        try writer.run("CREATE TABLE config_machine_state(state_key TEXT, value_json TEXT)")
        #expect(text(try sharedStore()?.profiles) == #"{"old":1}"#)
        try writer.run(
            #"INSERT INTO config_machine_state VALUES ('authProfiles.store', '{"new":1}'), ('authProfiles.state', '{}')"#
        )
        let found = try #require(try sharedStore())
        #expect(text(found.profiles) == #"{"new":1}"#)
        #expect(text(found.state) == "{}")
    }

    @Test func readsAPathThatAURIWouldMisread() throws {
        let odd = directory("a b%20?mode=rw#x.sqlite")
        let writer = try DatabaseWriter(odd)
        try writer.run(Self.agentTables)
        #expect(try BlockingContext.permit { try AgentDatabase.agentStore(at: "/" + odd) } != nil)
    }

    @Test func readsWhileAnotherConnectionWritesAllTheTime() async throws {
        let path = path
        let writer = try DatabaseWriter(path)
        try writer.run("PRAGMA journal_mode=WAL; \(Self.agentTables)")
        writer.close()
        async let odd = BlockingPool().run("read", deadline: .after(.seconds(60))) {
            var odd: [String] = []
            for _ in 0..<200 {
                let text = try AgentDatabase.agentStore(at: path)?.profiles.map { String(decoding: $0, as: UTF8.self) }
                if text != #"{"version":1}"#, text?.hasPrefix(#"{"round":"#) != true { odd.append(text ?? "nothing") }
            }
            return odd
        }
        await #expect(processExitsWith: .success) { [path = path as String] in
            for round in 0..<60 {
                // The last connection that closes empties and removes the log.
                let writer = try DatabaseWriter(path)
                try writer.run("PRAGMA busy_timeout=10000")
                try writer.run("UPDATE auth_profile_store SET store_json = '{\"round\":\(round)}'")
                writer.close()
            }
        }
        let strays = try await odd
        #expect(strays.isEmpty)
    }
}
